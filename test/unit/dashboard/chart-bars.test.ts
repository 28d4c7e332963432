import { expect, test } from "vitest";
import {
  type BarsInput,
  chartBars,
  gapSegments,
  linePoints,
  priceVenueOf,
  unknownSegments,
} from "../../../dashboard/src/screens/live/chart-bars.ts";
import { tapeRows } from "../../../dashboard/src/screens/live/tape-rows.ts";
import { EventLog } from "../../../dashboard/src/store/event-log.ts";
import type { Liquidation } from "../../../dashboard/src/api/schema.ts";

function event(id: number, fields: Partial<Liquidation> = {}): Liquidation {
  const times = { event_time: id * 1_000, received_time: id * 1_000 };
  const names = { event_id: `e${id}`, symbol: "BTC", exchange: "bybit", position_side: "long", coverage: "all_reported" };
  return { ...names, ...times, notional_mark_usd: 100, usd_value: 90, mark_price: 50, price: 49, ...fields } as Liquidation;
}

const side = (usd: number) => ({ usd, events: 1 });
const totals = (time: number, usd: number) =>
  ({ time, sides: { long: side(usd), short: side(0) }, exchanges: {} }) as unknown as NonNullable<BarsInput["totals"]>[number];

const noMarks = { marks: [], marksTo: 0, priceVenue: "bybit" } as const;
const everything = { symbol: null, exchange: null, side: null, minUsd: null };

const candle = (time: number, price: number) =>
  ({ time, exchange: "bybit", open: price, high: price, low: price, close: price, samples: 1 }) as const;

test("a bar stands for every step, and nothing counts twice between stored totals and events", () => {
  const bars = chartBars({
    start: 0,
    end: 180_000,
    stepMs: 60_000,
    events: [event(30), event(70), event(130, { coverage: "inferred" })],
    eventsFrom: 60_000,
    totals: [totals(0, 500), totals(60_000, 999)],
    ...noMarks,
  });
  expect(bars.map(({ time, long }) => [time, long])).toEqual([
    [0, 500],
    [60_000, 100],
    [120_000, 0],
  ]);
});

test("a step without a price has none: the last one is not carried on", () => {
  const bars = chartBars({
    start: 0,
    end: 3_000,
    stepMs: 1_000,
    events: [event(0), event(2, { mark_price: 60 })],
    eventsFrom: 0,
    totals: [],
    ...noMarks,
  });
  expect(bars.map(({ price }) => price?.close ?? null)).toEqual([50, null, 60]);
});

test("overlapping gaps become stretches that follow one another, cut to the range", () => {
  const gaps = [
    { exchange: "okx", from_time: 0, to_time: 50 },
    { exchange: "bybit", from_time: 30, to_time: null },
  ] as const;
  expect(gapSegments(gaps, 10, 100)).toEqual([
    { from: 10, to: 30, exchanges: ["okx"] },
    { from: 30, to: 50, exchanges: ["okx", "bybit"] },
    { from: 50, to: 100, exchanges: ["bybit"] },
  ]);
});

test("more than 20 liquidations in a second are joined by asset, venue and side, with their sum", () => {
  const burst = Array.from({ length: 25 }, (_, index) => event(7, { event_id: `b${index}`, position_side: index < 5 ? "short" : "long" }));
  const rows = tapeRows([event(6), ...burst], everything);
  expect(rows.map(({ count, usd }) => [count, usd])).toEqual([
    [20, 2_000],
    [5, 500],
    [1, 100],
  ]);
});

test("the tape ends where the page is no longer complete, reaches over all that passes, and makes no more rows than asked", () => {
  const events = [event(1), ...[2, 3, 4, 5].map((id) => event(id, { position_side: "short" })), event(6)];
  const longs = { ...everything, side: "long" } as const;
  const ids = (filter: Parameters<typeof tapeRows>[1], options?: Parameters<typeof tapeRows>[2]) =>
    tapeRows(events, filter, options).map(({ key }) => key);
  expect(ids(longs)).toEqual(["e6", "e1"]);
  expect(ids(longs, { from: 2_000 })).toEqual(["e6"]);
  expect(ids(everything, { count: 2 })).toEqual(["e6", "e5"]);
});

test("the log holds each event once, and old ones give way", () => {
  const log = new EventLog(100);
  for (let id = 0; id < 1_000; id += 1) expect(log.add(event(id))).toBe(true);
  expect(log.add(event(999))).toBe(false);
  expect(log.events.length).toBeLessThanOrEqual(150);
  const firstHeld = 1_000 - log.events.length;
  expect(log.events[0]?.event_id).toBe(`e${firstHeld}`);
  expect(log.completeFrom).toBe((firstHeld - 1) * 1_000 + 1);
  expect(log.merge([event(998), event(2_000), event(1_500)])).toBe(2);
  expect(log.events.at(-1)?.event_id).toBe("e2000");
});

test("missed events of before give way before newer ones that are held", () => {
  const log = new EventLog(10);
  for (let id = 100; id < 115; id += 1) log.add(event(id));
  expect(log.completeFrom).toBe(Number.NEGATIVE_INFINITY);
  expect(log.merge([event(2), event(1), event(3)])).toBe(3);
  expect(log.events.map(({ event_id: id }) => id)).toEqual(Array.from({ length: 10 }, (_, index) => `e${105 + index}`));
  expect(log.completeFrom).toBe(104_001);
});

test("the log is complete from after the newest event that gave way, in whatever order they came", () => {
  const log = new EventLog(2);
  for (const id of [50, 10, 60, 70]) log.add(event(id));
  expect(log.events.map(({ event_id: id }) => id)).toEqual(["e60", "e70"]);
  expect(log.completeFrom).toBe(50_001);
});

test("a symbol whose events gave way has stored totals instead of zeros, or is not known", () => {
  const range = { start: 0, end: 180_000, stepMs: 60_000, events: [event(130)], eventsFrom: 60_001, ...noMarks };
  const stored = chartBars({ ...range, totals: [totals(0, 500), totals(60_000, 700), totals(120_000, 999)] });
  expect(stored.map(({ long, isKnown }) => [long, isKnown])).toEqual([
    [500, true],
    [700, true],
    [100, true],
  ]);
  const alone = chartBars({ ...range, totals: null });
  expect(alone.map(({ isKnown }) => isKnown)).toEqual([false, false, true]);
  expect(unknownSegments(alone, 60_000)).toEqual([{ from: 0, to: 120_000, exchanges: [] }]);
  expect(unknownSegments(stored, 60_000)).toEqual([]);
});

test("a candle has the mark prices of one venue, and its close is the last by event time", () => {
  const events = [
    event(1, { mark_price: 50 }),
    event(2, { exchange: "okx", mark_price: 90 }),
    event(4, { mark_price: 52 }),
    event(3, { mark_price: 40 }),
  ];
  const [bar] = chartBars({ start: 0, end: 5_000, stepMs: 5_000, events, eventsFrom: 0, totals: null, ...noMarks });
  expect(bar?.price).toEqual({ open: 50, high: 52, low: 40, close: 52 });
});

test("the venue of the prices is that of the stored candles, else the most frequent that has a price", () => {
  const okx = [event(1, { exchange: "okx" }), event(2, { exchange: "okx" })];
  const events = [event(3), ...okx, ...[4, 5, 6].map((id) => event(id, { exchange: "gate", mark_price: null }))];
  expect(priceVenueOf([candle(0, 50)], okx)).toBe("bybit");
  expect(priceVenueOf([], events)).toBe("okx");
  expect(priceVenueOf([], [])).toBeNull();
});

test("a chart of seconds has the first and the last price of each stored minute of its venue, and those of events", () => {
  const stored = { exchange: "bybit", open: 50, high: 90, low: 10, close: 52, samples: 60 } as const;
  const bars = chartBars({
    start: 0,
    end: 120_000,
    stepMs: 15_000,
    events: [event(20, { mark_price: 51 }), event(25, { mark_price: 70, exchange: "okx" }), event(70, { mark_price: 53 })],
    eventsFrom: 0,
    totals: null,
    marks: [{ ...stored, time: 0 }],
    marksTo: 60_000,
    priceVenue: "bybit",
  });
  expect(bars.map(({ price }) => price?.close ?? null)).toEqual([50, 51, null, 52, 53, null, null, null]);
  expect(linePoints(bars).map(({ price }) => price)).toEqual([50, 51, null, 52, 53, null, null, null]);
});

test("no line is drawn over more than a minute without a price", () => {
  const bars = chartBars({
    start: 0,
    end: 300_000,
    stepMs: 15_000,
    events: [],
    eventsFrom: 0,
    totals: null,
    marks: [candle(0, 50), candle(60_000, 51), candle(180_000, 52)],
    marksTo: 300_000,
    priceVenue: "bybit",
  });
  const points = linePoints(bars).filter(({ price }) => price !== null);
  expect(points.map(({ time, isEnd }) => [time, isEnd])).toEqual([
    [0, false],
    [45_000, false],
    [60_000, false],
    [105_000, true],
    [180_000, false],
    [225_000, true],
  ]);
});

test("the running candle follows events that are newer than its stored minutes", () => {
  const marks = [candle(0, 50), candle(300_000, 60)];
  const events = [
    event(200, { mark_price: 99 }),
    event(350, { mark_price: 98 }),
    event(430, { mark_price: 64 }),
    event(440, { mark_price: 55 }),
  ];
  const bars = chartBars({
    start: 0,
    end: 600_000,
    stepMs: 300_000,
    events,
    eventsFrom: 0,
    totals: null,
    marks,
    marksTo: 420_000,
    priceVenue: "bybit",
  });
  expect(bars.map(({ price }) => price)).toEqual([
    { open: 50, high: 50, low: 50, close: 50 },
    { open: 60, high: 64, low: 55, close: 55 },
  ]);
});
