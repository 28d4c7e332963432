import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ReplayAnalyst, recordedAnalyst, rulesAnalyst } from "../../../src/backtest/analyst.ts";
import { KnownGaps } from "../../../src/backtest/known-gaps.ts";
import { MarkBook } from "../../../src/backtest/mark-book.ts";
import type { ReplayedSignal } from "../../../src/backtest/replayed-ledger.ts";
import { parseConfig } from "../../../src/config.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/windows/calendar.ts";
import { at, DAY, liquidation, replayOf } from "./events.ts";

/** The mark of a minute: 100, falling from 10:08 on. */
const MARKS = new Map([
  [at("10:08"), 99.9],
  [at("10:09"), 99.8],
  [at("10:10"), 99.7],
  [at("10:11"), 99.6],
  [at("10:12"), 99.5],
  [at("10:13"), 99.2],
  [at("10:14"), 98.9],
  [at("10:15"), 99.6],
  [at("10:16"), 99.1],
  [at("10:17"), 99],
]);

/** 10,000 USD of longs in the middle of each minute from 09:40 to 10:40. */
const STEADY = Array.from({ length: 61 }, (_, n) => {
  const minute = at("09:40") + n * MINUTE_MS;
  return liquidation(minute + 30 * SECOND_MS, { mark_price: MARKS.get(minute) ?? (minute < at("10:08") ? 100 : 99) });
});
/** At 10:11 the window holds 15 × 10,000 + 80,000 USD against 15 × 10,000 before it: +53.3 %. */
const BURST = liquidation(at("10:10:40"), { event_id: "burst", usd_value: 80_000, mark_price: 99.7 });
const JUDGED = { start: at("10:10"), end: at("10:41") };

function decidedBy(analyst: ReplayAnalyst) {
  return replayOf([...STEADY, BURST], { judged: JUDGED, analyst });
}

describe("a spike worked by hand", () => {
  test("is decided within seconds, by the rule model, and graded from the mark after the decision", async () => {
    const replay = await replayOf([...STEADY, BURST], { judged: JUDGED });
    expect(replay.ledger.signals.map(({ trigger }) => trigger)).toEqual(["spike", "turn"]);
    // 110,000 USD in the last 3 minutes after 30,000 in the 3 before, the mark 30 bps down in the minute that ended.
    expect(replay.ledger.signals[0]).toMatchObject({
      sequence: 1,
      signal_id: "BTC-15m-20261120T1011Z",
      minute: at("10:11"),
      action: "SELL",
      confidence: 65,
      reason: "Long liquidations accelerate, and the mark price moves with them by 30 bps.",
      long_change_pct: (100 * 80_000) / 150_000,
      short_change_pct: null,
      analyst: "rules",
      reason_code: "no_key",
      calibrated_probability: null,
      paper: true,
    });
    expect(replay.counts).toMatchObject({ outcomes: { spike: 1, quiet: 16, cooling_down: 14 }, turns: 1 });
    const [grade] = replay.ledger.grades;
    expect(grade).toMatchObject({
      horizon: "5m",
      problem: null,
      path: { entryTime: at("10:11"), entry: 99.6, exitTime: at("10:16"), exit: 99.1 },
    });
    const forward = 1e4 * (99.1 / 99.6 - 1);
    expect(grade?.grade?.forward_return_bps).toBeCloseTo(forward, 9);
    expect(grade?.grade?.best_excursion_bps).toBeCloseTo(-1e4 * (98.9 / 99.6 - 1), 9);
    expect(grade?.grade?.worst_excursion_bps, "the entry was the high").toBeCloseTo(0, 9);
    // Mark prices that liquidations carried have no spread and no volume.
    expect(grade).toMatchObject({ costProblem: "unknown_spread", grade: { fee_bps: 10, net_return_bps: null, fade_net_return_bps: null } });
  });

  test("is decided on again when its flush turns, and that is graded too", async () => {
    const replay = await replayOf([...STEADY, BURST], { judged: JUDGED });
    // 110 bps down by 10:14, back by 70 of them at 10:15, with 30,000 USD in the last 3 minutes after 110,000.
    expect(replay.ledger.signals[1]).toMatchObject({
      sequence: 2,
      signal_id: "BTC-15m-20261120T1016Z-turn",
      trigger: "turn",
      minute: at("10:16"),
      action: "BUY",
      reason: "Long flush is exhausted: the flow is below half its peak, and the mark price is turning back after 110 bps.",
    });
    const graded = replay.ledger.grades.filter(({ signal }) => signal.trigger === "turn").map(({ horizon }) => horizon);
    expect(graded).toContain("5m");
  });

  test("is none where its liquidation was received after the run, and is one in the run after it", async () => {
    for (const [received, decided] of [
      ["10:10:59.999", "10:11"],
      ["10:11:00", "10:12"],
      ["10:14:20", "10:15"],
    ] as const) {
      const events = [...STEADY, { ...BURST, received_time: at(received) }];
      const replay = await replayOf(events, { judged: JUDGED });
      const spikes = replay.ledger.signals.filter(({ trigger }) => trigger === "spike");
      expect(spikes.map(({ minute }) => minute)).toEqual([at(decided)]);
    }
  });

  test("counts once where its liquidation is stored twice, and not at all where it was inferred", async () => {
    const twice = await replayOf([...STEADY, BURST, BURST], { judged: JUDGED });
    expect(twice.counts).toMatchObject({ events: 62, repeated: 1 });
    expect(twice.ledger.signals[0]?.long_change_pct).toBe((100 * 80_000) / 150_000);
    const inferred = await replayOf([...STEADY, { ...BURST, coverage: "inferred" }], { judged: JUDGED });
    expect(inferred.ledger.signals).toEqual([]);
  });

  test("is one only once enough venues were covered for nine tenths of the window before", async () => {
    const gaps = new KnownGaps();
    for (const exchange of ["binance", "okx"] as const) {
      gaps.add([{ exchange, from_time: at("09:45"), to_time: at("09:50"), reason: "disconnected" }]);
    }
    const replay = await replayOf([...STEADY, BURST], { judged: JUDGED, gaps });
    // At 10:19 two of four venues lack 1:05 of the 15 minutes that begin at 09:48:55, a minute before 2:05.
    expect(replay.ledger.signals.map(({ minute }) => minute)).toEqual([at("10:19")]);
  });

  test("is graded from a file of marks where one is given, and has no grade where marks are missing", async () => {
    const marks = new MarkBook();
    const mark = (minute: string, open: number) =>
      marks.put({ symbol: "BTC", minute: at(minute), open, high: open, low: open, close: open });
    mark("10:12", 200);
    mark("10:18", 202);
    const replay = await replayOf([...STEADY, BURST], { judged: JUDGED, marks, marksFromEvents: false });
    const of = (horizon: string) => replay.ledger.grades.find((grade) => grade.horizon === horizon);
    expect(of("5m")).toMatchObject({ path: { entry: 200, exit: 202, exitTime: at("10:18") }, problem: null });
    expect(of("15m")).toMatchObject({ grade: null, problem: "no_exit_mark" });
    expect(replay.ledger.signals[0]).toMatchObject({ action: "NOTHING", reason: "The mark price of the last minutes is unknown." });
  });

  test("is decided as the ledger recorded it, or is no decision where it did not", async () => {
    const record = {
      signal_id: "BTC-15m-20261120T1011Z",
      minute: at("10:11"),
      symbol: "BTC",
      created_time: at("10:11:04"),
      action: "BUY",
      confidence: 72,
      reason: "Recorded.",
      reason_code: null,
      invalidation: null,
      analyst: "deepseek",
      model: "deepseek-flash",
      prompt_version: "v1",
    } as const;
    const known = await decidedBy(recordedAnalyst([record]));
    expect(known.ledger.signals).toMatchObject([{ ...record, rule_action: "SELL", sequence: 1 }]);
    const unknown = await decidedBy(recordedAnalyst([{ ...record, signal_id: "BTC-15m-20261120T1012Z" }]));
    expect(unknown.ledger.signals).toEqual([]);
    expect(unknown.unanswered).toEqual(["BTC-15m-20261120T1011Z", "BTC-15m-20261120T1016Z-turn"]);
  });

  test("shows the past decisions of the analyst that decides alone, as live", async () => {
    const shown: number[] = [];
    const analyst: ReplayAnalyst = (input) => {
      shown.push(input.past.decisions.length);
      return rulesAnalyst(input);
    };
    const again = [...STEADY, BURST].map((one) => ({
      ...one,
      event_id: `${one.event_id}:later`,
      event_time: one.event_time + 70 * MINUTE_MS,
      received_time: one.received_time + 70 * MINUTE_MS,
    }));
    const events = [...STEADY, BURST, ...again];
    const judged = { start: at("10:10"), end: at("11:51") };
    await replayOf(events, { judged, analyst });
    expect(shown[0]).toBe(0);
    expect(shown.at(-1)).toBeGreaterThan(0);
    shown.length = 0;
    await replayOf(events, { judged, analyst, decides: "deepseek" });
    expect(shown.at(-1), "the rules decided all of them").toBe(0);
  });
});

/** Trades every spike, so that the record fills up and calibration has its say. */
const trader: ReplayAnalyst = (input) => ({
  verdict: {
    action: (input.flow.at(-1)?.long_usd ?? 0) > 500 ? "BUY" : "SELL",
    confidence: Math.round((input.windows[0]?.sides.total.usd ?? 0) % 100),
    reason: JSON.stringify(input.market),
    reason_code: null,
    invalidation: null,
  },
  created_time: input.minute + 1_000,
  analyst: "rules",
  model: null,
  prompt_version: null,
});

describe("no look-ahead", () => {
  const config = parseConfig({
    LIQUIDATION_SYMBOLS: "*",
    LIQUIDATION_THRESHOLD: "0.01",
    LIQUIDATION_SPIKE_FLOOR_USD: "0",
    LIQUIDATION_SIGNAL_COOLDOWN_MINUTES: "0",
  });
  const HOURS = 4;
  const event = fc.record({
    time: fc.integer({ min: 0, max: HOURS * HOUR_MS }),
    delay: fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: HOUR_MS })),
    usd: fc.integer({ min: 1, max: 1_000 }),
    mark: fc.integer({ min: 90, max: 110 }),
    long: fc.boolean(),
    symbol: fc.constantFrom("BTC", "ETH"),
    exchange: fc.constantFrom("binance" as const, "okx" as const),
  });
  const toLiquidation = (
    id: string,
    { time, delay, usd, mark, long, symbol, exchange }: typeof event extends fc.Arbitrary<infer E> ? E : never,
  ) =>
    liquidation(DAY + time, {
      event_id: id,
      received_time: DAY + time + delay,
      usd_value: usd,
      mark_price: mark,
      position_side: long ? "long" : "short",
      symbol,
      exchange,
    });
  /** Whole marks with a cost, which from a minute on are other ones; without them, the mark prices of the events. */
  const bookOf = (prices: readonly number[], otherFrom: number): MarkBook => {
    const book = new MarkBook();
    for (const symbol of ["BTC", "ETH"]) {
      for (let minute = DAY - HOUR_MS; minute < DAY + (HOURS + 2) * HOUR_MS; minute += MINUTE_MS) {
        const index = (minute - DAY) / MINUTE_MS + 60;
        const price = (prices[index % prices.length] ?? 100) + (minute >= otherFrom ? 7 : 0);
        const market = { spread_bps: 1, volume_usd: 1e6, funding_rate: 0, funding_interval_hours: 8 };
        book.put({ symbol, minute, open: price, high: price, low: price, close: price, ...market });
      }
    }
    return book;
  };
  const signals = async (events: readonly Liquidation[], marks: MarkBook | null): Promise<readonly ReplayedSignal[]> => {
    const judged = { start: DAY, end: DAY + HOURS * HOUR_MS };
    const from = marks === null ? { marksFromEvents: true } : { marksFromEvents: false, marks };
    return (await replayOf([liquidation(DAY, { event_id: "first" }), ...events], { config, judged, analyst: trader, ...from })).ledger
      .signals;
  };

  test("what is received after a minute changes no decision made at or before it", { timeout: 120_000 }, async () => {
    let decided = 0;
    let calibrated = 0;
    let runs = 0;
    const many = { minLength: 300, maxLength: 400 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, many),
        fc.array(event, many),
        fc.integer({ min: 60, max: HOURS * 60 }),
        async (first, second, minutes) => {
          const minute = DAY + minutes * MINUTE_MS;
          const one = first.map((drawn, index) => toLiquidation(`a${index}`, drawn));
          const other = second.map((drawn, index) => toLiquidation(`b${index}`, drawn));
          const known = one.filter(({ received_time: time }) => time < minute);
          const late = liquidation(minute - 10_000, { event_id: "late", received_time: minute, usd_value: 50_000, mark_price: 150 });
          const changed = [...known, late, ...other.filter(({ received_time: time }) => time >= minute)];
          const upTo = (all: readonly ReplayedSignal[]) => all.filter((signal) => signal.minute <= minute);
          runs += 1;
          const prices = first.map(({ mark }) => mark);
          const book = (otherFrom: number) => (runs % 2 === 0 ? null : bookOf(prices, otherFrom));
          const expected = upTo(await signals(one, book(Infinity)));
          expect(upTo(await signals(changed, book(minute)))).toEqual(expected);
          decided += expected.length;
          calibrated += expected.filter((signal) => signal.calibrated_probability !== null).length;
        },
      ),
      { numRuns: 4, seed: 7, endOnFailure: true },
    );
    expect(decided).toBeGreaterThan(500);
    expect(calibrated).toBeGreaterThan(50);
  });
});
