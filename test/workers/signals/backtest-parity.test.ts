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
import type { MinuteMark } from "../../../src/minute-mark.ts";
import { HOUR_MS, MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import { QUARTER_HOUR_MS } from "../../../src/windows/quarter-hour.ts";
import { STANDARD_WINDOWS, windowOfMinutes } from "../../../src/windows/window.ts";
import { grades } from "../../../workers/cron/grades.ts";
import { hourTotals } from "../../../workers/cron/hour-totals.ts";
import { quarterHourTotals } from "../../../workers/cron/quarter-hour-totals.ts";
import { retention } from "../../../workers/cron/retention.ts";
import { signals } from "../../../workers/cron/signals.ts";
import { readWindows } from "../../../workers/d1/window-reads.ts";
import type { Env } from "../../../workers/env.ts";
import { recordsAfter } from "../../../workers/signals/ledger-rows.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";

const workerEnv = env as unknown as Env;
const config = parseConfig({
  LIQUIDATION_SYMBOLS: "BTC,ETH",
  LIQUIDATION_COMPARISON_WINDOW: "30",
  LIQUIDATION_SPIKE_FLOOR_USD: "30000",
  LIQUIDATION_SIGNAL_COOLDOWN_MINUTES: "4",
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
 * Sums of quarters of a dollar are exact in whatever order they are added: the inputs' hashes must agree.
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
        notional_mark_usd: random() < 0.1 ? null : usd,
        quantity: random() < 0.1 ? null : Math.round(64 * random()) / 64,
        index_price: 100 * random(),
        funding_rate: random() / 1_000,
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

function marksOf(symbol: string): readonly MinuteMark[] {
  const random = numbers();
  const marks: MinuteMark[] = [];
  let price = symbol === "BTC" ? 80_000 : 3_000;
  for (let minute = DAY; minute < JUDGED.end; minute += MINUTE_MS) {
    const open = price;
    price *= 1 + 0.004 * (random() - 0.52);
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
    };
    // A feed that missed one minute in ten.
    if (random() < 0.9) marks.push(mark);
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
  const gaps = GAPS.filter((gap) => gap.from_time < minute).map((gap) =>
    (gap.to_time ?? Infinity) <= minute ? gap : { ...gap, to_time: null },
  );
  await d1Sink.writeNotes?.(workerEnv, { exchange: "binance", gaps, minuteMarks: over });
}

/** The minutes at which something comes of a run: those after a quarter of an hour, and all that are judged. */
function runs(): readonly number[] {
  const all = Array.from({ length: (JUDGED.end - DAY) / MINUTE_MS }, (_, n) => DAY + n * MINUTE_MS);
  return all.filter((minute) => minute >= JUDGED.start - MINUTE_MS || minute % QUARTER_HOUR_MS === MINUTE_MS);
}

test("a replay has the windows, spikes, inputs, decisions and grades that the cron jobs make of D1", { timeout: 300_000 }, async () => {
  const rows = liquidations();
  const marks = [...marksOf("BTC"), ...marksOf("ETH")];
  const book = new MarkBook();
  for (const mark of marks) book.put(mark);
  const gaps = new KnownGaps();
  gaps.add(GAPS);
  const replay = new Replay({ config, judged: JUDGED, gaps, marks: book, marksFromEvents: false, analyst: rulesAnalyst });
  const waiting = rows.toSorted(byReceipt);
  let last = floorTo(DAY, MINUTE_MS) - MINUTE_MS;
  let ran = last;
  for (const minute of runs()) {
    await tell(rows, marks, last, minute);
    await hourTotals(env.DB, minute);
    await quarterHourTotals(env.DB, config, minute);
    if (minute >= JUDGED.start) {
      const deps = { fetch, now: () => minute + 1_000, random: () => 0, sleep: () => Promise.resolve() };
      await signals(workerEnv, config, minute, deps);
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
  expect(new Set(recorded.map(({ action }) => action)).size).toBeGreaterThan(1);
  expect(replay.ledger.signals).toEqual(recorded.map(({ statistics: _input, ...signal }) => signal));

  const { results } = await env.DB.prepare("SELECT * FROM signal_grades WHERE graded_time IS NOT NULL ORDER BY signal_id, horizon").all();
  const given = replay.ledger.grades.map(({ signal, horizon, path, grade, problem }) => ({
    signal_id: signal.signal_id,
    horizon,
    entry_price: path?.entry ?? null,
    entry_time: path?.entryTime ?? null,
    exit_price: path?.exit ?? null,
    exit_time: path?.exitTime ?? null,
    problem,
    ...grade,
  }));
  expect(results.length).toBeGreaterThan(10);
  expect(given.toSorted((a, b) => (`${a.signal_id} ${a.horizon}` < `${b.signal_id} ${b.horizon}` ? -1 : 1))).toEqual(
    results.map(({ due_time: _due, graded_time: _time, ...row }) => row),
  );
});
