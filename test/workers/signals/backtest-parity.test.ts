import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { rulesAnalyst } from "../../../src/backtest/analyst.ts";
import { KnownGaps } from "../../../src/backtest/known-gaps.ts";
import { MarkBook } from "../../../src/backtest/mark-book.ts";
import { Replay } from "../../../src/backtest/replay.ts";
import { byReceipt } from "../../../src/backtest/replayed-event.ts";
import { parseConfig } from "../../../src/config.ts";
import type { Gap } from "../../../src/gap.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { type MinuteMark, UNKNOWN_MINUTE_MARKET } from "../../../src/minute-mark.ts";
import { standingMismatches } from "../../../src/scoreboard/check-standing.ts";
import { HEADLINE_HORIZON, givenGrade } from "../../../src/grades/grade.ts";
import type { FollowedFlush } from "../../../src/signals/open-flush.ts";
import { SpikeWatch, isEmpty, nextMinute, spikeWatchRule } from "../../../src/signals/spike-watch.ts";
import { HOUR_MS, MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import { QUARTER_HOUR_MS } from "../../../src/windows/quarter-hour.ts";
import { STANDARD_WINDOWS, windowOfMinutes } from "../../../src/windows/window.ts";
import { grades } from "../../../workers/cron/grades.ts";
import { hourMarks } from "../../../workers/cron/hour-marks.ts";
import { hourTotals } from "../../../workers/cron/hour-totals.ts";
import { quarterHourTotals } from "../../../workers/cron/quarter-hour-totals.ts";
import { retention } from "../../../workers/cron/retention.ts";
import { signals, signalsAtOnce } from "../../../workers/cron/signals.ts";
import { readWindows } from "../../../workers/d1/window-reads.ts";
import type { Env } from "../../../workers/env.ts";
import { gradesAfter } from "../../../workers/signals/grade-rows.ts";
import { recordsAfter } from "../../../workers/signals/ledger-rows.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";

const workerEnv = env as unknown as Env;
const config = parseConfig({
  LIQUIDATION_SYMBOLS: "BTC,ETH",
  LIQUIDATION_COMPARISON_WINDOW: "30",
  LIQUIDATION_SPIKE_FLOOR_USD: "30000",
  LIQUIDATION_SIGNAL_COOLDOWN_MINUTES: "10",
});
const WINDOWS = [...STANDARD_WINDOWS, windowOfMinutes(30)];

/** Long enough for ranks, for windows of a day with one before, and for events that D1 no longer holds. */
const JUDGED = { start: DAY + 50 * HOUR_MS, end: DAY + 51 * HOUR_MS + 15 * MINUTE_MS };

/** Uniform numbers in [0, 1), the same each time (Park & Miller 1988). */
function numbers(): () => number {
  let state = 20261120;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/**
 * Some forty liquidations an hour of two symbols and three venues, some minutes late, more in the judged time.
 * Sums of quarters of a dollar, and of 65 64ths of them, are exact in whatever order they are added: the inputs' hashes must
 * agree.
 */
function liquidations(): readonly Liquidation[] {
  const random = numbers();
  const rows: Liquidation[] = [];
  for (let time = DAY; time < JUDGED.end; time += Math.round(random() * (time < JUDGED.start - HOUR_MS ? 180_000 : 40_000))) {
    const exchange = (["binance", "bybit", "okx"] as const)[Math.floor(random() * 3)] ?? "okx";
    const long = random() < 0.75;
    const usd = random() < 0.05 ? null : Math.round(4 * Math.exp(6 + 4 * random())) / 4;
    rows.push(
      sampleLiquidation({
        event_id: `${exchange}:${rows.length}`,
        exchange,
        symbol: random() < 0.6 ? "BTC" : "ETH",
        event_time: time,
        received_time: time + Math.round(random() < 0.9 ? 2_000 * random() : 6 * MINUTE_MS * random()),
        position_side: long ? "long" : "short",
        order_side: long ? "sell" : "buy",
        usd_value: usd,
        notional_mark_usd: random() < 0.1 || usd === null ? null : (65 / 64) * usd,
        quantity: random() < 0.1 ? null : Math.round(64 * random()) / 64,
        index_price: 100 * random(),
        funding_rate: random() / 1_000,
        // Live, the minute that is not over has the marks of the feeds; a replay has those of liquidations.
        mark_price: null,
        volatility_5m: random() < 0.3 ? null : random() / 1_000,
        cum_usd_5m: 1_000 * random(),
        velocity_usd_per_s: random(),
        concurrent_exchanges: 2,
        coverage: random() < 0.03 ? "inferred" : "all_reported",
      }),
    );
  }
  return rows;
}

/** When a flush of longs begins that turns, and the price of BTC at the end of each of its minutes, relative to without it. */
const FLUSH = JUDGED.start + 40 * MINUTE_MS;
const FLUSHED = [0.97, 0.95, 0.951, 0.955, 0.959, 0.963, 0.966, 0.968, 0.97, 0.971];

/** Most of it within 100 s, then small ones every 20 s. They alone carry mark prices, those of the venue with the most minutes. */
function flushOf(marks: readonly MinuteMark[]): readonly Liquidation[] {
  const seconds = [...Array.from({ length: 33 }, (_, n) => 3 * n), ...Array.from({ length: 24 }, (_, n) => 110 + 20 * n)];
  return seconds.map((second, index) => {
    const time = FLUSH + 1_000 * second;
    const mark = marks.find(({ minute, exchange }) => exchange === "okx" && minute === floorTo(time, MINUTE_MS));
    if (mark === undefined) throw new Error("a minute of the flush has no mark");
    return sampleLiquidation({
      event_id: `okx:flush:${index}`,
      exchange: "okx",
      symbol: "BTC",
      event_time: time,
      received_time: time + 400,
      position_side: "long",
      order_side: "sell",
      usd_value: second < 100 ? 32_000 : 320,
      notional_mark_usd: null,
      quantity: 1,
      mark_price: mark.open + ((mark.close - mark.open) * (time - mark.minute)) / MINUTE_MS,
      cum_usd_5m: 1,
      coverage: "all_reported",
    });
  });
}

function marksOf(symbol: string): readonly MinuteMark[] {
  const random = numbers();
  const marks: MinuteMark[] = [];
  let base = symbol === "BTC" ? 80_000 : 3_000;
  let price = base;
  for (let minute = DAY; minute < JUDGED.end; minute += MINUTE_MS) {
    const open = price;
    base *= 1 + 0.004 * (random() - 0.52);
    const flushed = symbol === "BTC" ? FLUSHED[(minute - FLUSH) / MINUTE_MS] : undefined;
    price = base * (flushed ?? 1);
    const samples = 60;
    const mark = {
      minute,
      symbol,
      exchange: "binance" as const,
      open,
      high: Math.max(open, price),
      low: Math.min(open, price),
      close: price,
      samples,
      ...UNKNOWN_MINUTE_MARKET,
      // Unknown at one end of a path, at both, or at none.
      spread_bps: (minute / MINUTE_MS) % 5 < 2 ? null : 0.5,
      volume_usd: 1e6,
      funding_rate: 1e-4,
      funding_interval_hours: 8,
    };
    // A feed that missed one minute in ten, and one 12 bps above it that missed none but for an hour in three.
    if (random() < 0.9 || flushed !== undefined) marks.push(mark);
    const [other, shift] = ["okx" as const, 1.0012];
    const above = { exchange: other, open: mark.open * shift, high: mark.high * shift, low: mark.low * shift, close: mark.close * shift };
    if (floorTo(minute, HOUR_MS) % (3 * HOUR_MS) !== 0) marks.push({ ...mark, ...above });
  }
  return marks;
}

const GAPS: readonly Gap[] = [
  { exchange: "okx", from_time: DAY + 30 * HOUR_MS, to_time: DAY + 31 * HOUR_MS, reason: "disconnected" },
  { exchange: "bybit", from_time: JUDGED.start - 5 * MINUTE_MS, to_time: JUDGED.start + 7 * MINUTE_MS + 500, reason: "silent" },
  { exchange: "binance", from_time: JUDGED.start + 20 * MINUTE_MS, to_time: JUDGED.start + 21 * MINUTE_MS, reason: "silent" },
];

/** What the feeds have written to D1 before a minute's run. */
async function tell(rows: readonly Liquidation[], marks: readonly MinuteMark[], from: number, minute: number): Promise<void> {
  const received = rows.filter(({ received_time: time }) => time >= from && time < minute);
  for (const [exchange, own] of Map.groupBy(received, (row) => row.exchange))
    await d1Sink.write(workerEnv, config, sampleBatch(own, exchange));
  const over = marks.filter((mark) => mark.minute + MINUTE_MS > from && mark.minute + MINUTE_MS <= minute);
  const running = runningMark(rows, minute);
  const gaps = GAPS.filter((gap) => gap.from_time < minute).map((gap) =>
    (gap.to_time ?? Infinity) <= minute ? gap : { ...gap, to_time: null },
  );
  await d1Sink.writeNotes?.(workerEnv, { exchange: "binance", gaps, minuteMarks: [...over, ...running] });
}

/** The mark of the minute that is not over, as far as liquidations carried it, which a replay knows. */
function runningMark(rows: readonly Liquidation[], time: number): readonly MinuteMark[] {
  const minute = floorTo(time, MINUTE_MS);
  const own = rows.filter((row) => row.received_time >= minute && row.received_time < time).toSorted(byReceipt);
  const prices = own.flatMap(({ mark_price: price }) => (price === null ? [] : [price]));
  const [open] = prices;
  const close = prices.at(-1);
  if (open === undefined || close === undefined) return [];
  const range = { open, high: Math.max(...prices), low: Math.min(...prices), close, samples: prices.length };
  return [{ minute, symbol: "BTC", exchange: "okx", ...range, ...UNKNOWN_MINUTE_MARKET }];
}

/** Has the bursts and flushes of a time judged at once, as the hub does. @returns the time up to which everything is stored */
async function judgeBursts(
  watch: SpikeWatch,
  received: readonly Liquidation[],
  marks: readonly MinuteMark[],
  from: number,
  minute: number,
): Promise<number> {
  let stored = from;
  const judgeBefore = async (before: number) => {
    for (let time = watch.requestTime; time !== null && time < before; time = watch.requestTime) {
      const request = watch.take(time);
      if (isEmpty(request)) continue;
      if (time < JUDGED.start - MINUTE_MS || nextMinute(time) >= JUDGED.end) continue;
      await tell(received, marks, stored, time);
      stored = time;
      let calls = 0;
      const now = () => time + ((calls += 1) <= 2 ? 0 : 1_000);
      const deps = { fetch, now, random: () => 0, sleep: () => Promise.resolve() };
      watch.follow((await signalsAtOnce(workerEnv, config, request, deps)).flushes, time);
    }
  };
  for (const row of received) {
    await judgeBefore(row.received_time);
    if (row.coverage !== "inferred") watch.add(row, row.received_time);
  }
  await judgeBefore(minute);
  return stored;
}

/** The hub, as far as a run of a minute has it follow flushes. */
function hubOf(watch: SpikeWatch, minute: number): Env["MARKET_HUB"] {
  const followFlushes = (flushes: readonly (readonly [string, FollowedFlush | null])[]) => {
    watch.follow(new Map(flushes), minute);
    return Promise.resolve();
  };
  return { getByName: () => ({ followFlushes, noteSignal: () => Promise.resolve() }) } as unknown as Env["MARKET_HUB"];
}

/** A row as a database holds it, which has one zero. */
function asStored<Row extends object>(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === 0 ? 0 : value])) as Row;
}

/** The minutes at which something comes of a run: those after a quarter of an hour, and all that are judged. */
function runs(): readonly number[] {
  const all = Array.from({ length: (JUDGED.end - DAY) / MINUTE_MS }, (_, n) => DAY + n * MINUTE_MS);
  return all.filter((minute) => minute >= JUDGED.start - MINUTE_MS || minute % QUARTER_HOUR_MS === MINUTE_MS);
}

test(
  "a replay has the windows, spikes, turns, inputs, decisions and grades that the cron jobs make of D1",
  { timeout: 300_000 },
  async () => {
    const btc = marksOf("BTC");
    const marks = [...btc, ...marksOf("ETH")];
    const rows = [...liquidations(), ...flushOf(btc)];
    const book = new MarkBook();
    for (const mark of marks) book.put(mark);
    const gaps = new KnownGaps();
    gaps.add(GAPS);
    const replay = new Replay({ config, judged: JUDGED, gaps, marks: book, marksFromEvents: false, analyst: rulesAnalyst });
    const waiting = rows.toSorted(byReceipt);
    const watch = new SpikeWatch(spikeWatchRule(config));
    let last = floorTo(DAY, MINUTE_MS) - MINUTE_MS;
    let ran = last;
    for (const minute of runs()) {
      const received = waiting.filter(({ received_time: time }) => time >= last && time < minute);
      const stored = await judgeBursts(watch, received, marks, last, minute);
      await tell(received, marks, stored, minute);
      await hourTotals(env.DB, minute);
      await quarterHourTotals(env.DB, config, minute);
      await hourMarks(env.DB, minute);
      if (minute >= JUDGED.start) {
        const deps = { fetch, now: () => minute + 1_000, random: () => 0, sleep: () => Promise.resolve() };
        await signals({ ...workerEnv, MARKET_HUB: hubOf(watch, minute) }, config, minute, deps);
        await grades(workerEnv, config, minute);
      }
      for (; ran < minute; ran += MINUTE_MS) {
        const next = ran + MINUTE_MS;
        await replay.run(
          next,
          waiting.filter(({ received_time: time }) => time >= ran && time < next),
        );
      }
      if (minute >= JUDGED.start && minute % (3 * MINUTE_MS) === 0) {
        const live = await readWindows(env.DB, config, ["BTC", "ETH"], WINDOWS, minute);
        const replayed = ["BTC", "ETH"].flatMap((symbol) => replay.symbolWindows(symbol, minute));
        expect(replayed).toEqual(live.symbolWindows);
      }
      if (minute >= JUDGED.start - MINUTE_MS) await retention(env.DB, config, minute, []);
      last = minute;
    }
    // A day's window would need two days of history before it.
    const ranked = replay.symbolWindows("BTC", JUDGED.end - MINUTE_MS).filter(({ sides }) => sides.long.percentile !== null);
    expect(ranked.map(({ window }) => window)).toEqual(["15m", "1h", "4h", "30m"]);
    const recorded = await recordsAfter(env.DB, 0, 1_000);
    expect(recorded.length).toBeGreaterThan(5);
    const early = recorded.filter(({ minute, created_time }) => created_time < minute).length;
    expect(early, "some are decided before their minute, some at it").toBeGreaterThan(2);
    expect(early).toBeLessThan(recorded.length);
    expect(new Set(recorded.map(({ action }) => action)).size).toBeGreaterThan(1);
    const turns = recorded.filter(({ trigger }) => trigger === "turn");
    expect(new Set(turns.map(({ symbol, action }) => `${symbol} ${action}`))).toEqual(new Set(["BTC BUY"]));
    expect(
      turns.some(({ minute, created_time }) => created_time < minute),
      "judged at once",
    ).toBe(true);
    expect(replay.ledger.signals).toEqual(recorded.map(({ statistics: _input, ...signal }) => signal));
    const chain = await gradesAfter(env.DB, 0, 10_000);
    const known = new Map(chain.flatMap((grade) => (grade.horizon === HEADLINE_HORIZON ? [[grade.signal_id, grade] as const] : [])));
    expect(standingMismatches(recorded, known)).toEqual([]);

    const { results } = await env.DB.prepare("SELECT * FROM signal_grades WHERE graded_time IS NOT NULL ORDER BY signal_id, horizon").all();
    const given = replay.ledger.grades.map(({ signal, horizon, path, grade, problem }) => ({
      signal_id: signal.signal_id,
      horizon,
      signal_hash: signal.hash,
      ...asStored(givenGrade(path ?? problem ?? "no_entry_mark", grade, 0)),
    }));
    expect(results.length).toBeGreaterThan(10);
    const places = new Set(["due_time", "sequence", "previous_hash", "hash", "published_time"]);
    const withoutPlace = (row: object) => Object.fromEntries(Object.entries(row).filter(([name]) => !places.has(name)));
    expect(given.toSorted((a, b) => (`${a.signal_id} ${a.horizon}` < `${b.signal_id} ${b.horizon}` ? -1 : 1))).toEqual(
      results.map((row) => ({ ...withoutPlace(row), graded_time: 0 })),
    );
  },
);
