import { describe, expect, test } from "vitest";
import type { Gap } from "../../../src/gap.ts";
import { DAY_MS, HOUR_MS } from "../../../src/windows/calendar.ts";
import { uptimeShare } from "../../../src/windows/uptime-share.ts";
import { earlierWindows } from "../../../src/windows/percentile.ts";
import { QUARTER_HOUR_MS, type QuarterHour } from "../../../src/windows/quarter-hour.ts";
import { connectedVenues } from "../../../src/windows/uptime-share.ts";
import { equalWeights, shareOf, venueWeights } from "../../../src/windows/venue-weights.ts";

const DAY = Date.UTC(2026, 10, 20);
/** Quarters up to `DAY`, the last one given last. */
const quarterHours = (long: readonly number[], uptime: (index: number) => number = () => 1): readonly QuarterHour[] =>
  long.map((usd, index) => ({ start: DAY - (long.length - index) * QUARTER_HOUR_MS, long: usd, short: 1, uptime: uptime(index) }));
const count = (length: number) => Array.from({ length }, (_, index) => index);

const gap = (exchange: Gap["exchange"], from: number, to: number | null): Gap => ({
  exchange,
  from_time: from,
  to_time: to,
  reason: "silent",
});

/** Ranks the longs of a window that starts at `start`. */
const rankOf = (past: readonly QuarterHour[], lengthMs: number, start: number, long: number | null) =>
  earlierWindows(past, lengthMs, start).rank("long", long);

/** Weeks with 100,000 USD in each quarter-hour within an hour of the same hour of the week, and a million in all others. */
const weeks = (length: number) =>
  quarterHours(
    Array.from({ length: length * 7 * 96 }, (_, index) => {
      const before = (length * 7 * 96 - index) % (7 * 96);
      return Math.min(before, 7 * 96 - before) <= 4 ? 100_000 : 1_000_000;
    }),
  );

describe("a window's percentile", () => {
  test("is the share of the earlier windows of the hour with less, on a log scale", () => {
    const past = quarterHours(count(200).map((index) => (index + 1) * 1_000));
    const start = DAY;
    // Starts within an hour of midnight, of two days: 4 after each earlier one, the midnights, and 4 before each.
    const sample = [4, 5, 6, 7, 8, 9, 10, 11, 12].flatMap((n) => [n + 96 * 0, n + 96]);
    const inside = past.filter(({ start: at }) => Math.min((DAY - at) % DAY_MS, DAY_MS - ((DAY - at) % DAY_MS)) <= HOUR_MS);
    expect(inside.length).toBe(sample.length + 4);
    const values = inside.map(({ long }) => long).toSorted((a, b) => a - b);
    expect(rankOf(past, QUARTER_HOUR_MS, start, values[10] ?? 0)).toBeCloseTo(11 / (values.length + 1), 12);
    const [low, high] = [values[10] ?? 0, values[11] ?? 0];
    const middle = Math.sqrt((low + 1_000) * (high + 1_000)) - 1_000;
    expect(rankOf(past, QUARTER_HOUR_MS, start, middle)).toBeCloseTo(11.5 / (values.length + 1), 12);
  });

  test("goes on rising beyond the largest window, and never reaches 1", () => {
    const past = quarterHours(count(200).map((index) => 1_000 + 1_000 * (index % 50)));
    const ranks = [60_000, 120_000, 1e6, 1e9].map((usd) => rankOf(past, QUARTER_HOUR_MS, DAY, usd) ?? Number.NaN);
    expect(ranks.toSorted((a, b) => a - b)).toEqual(ranks);
    expect(new Set(ranks).size).toBe(ranks.length);
    expect(ranks.at(-1)).toBeLessThanOrEqual(1);
  });

  test("compares with the same hour of the week from four weeks on, before that with the hour of every day", () => {
    expect(rankOf(weeks(4), QUARTER_HOUR_MS, DAY, 500_000)).toBeGreaterThan(0.9);
    expect(rankOf(weeks(3), QUARTER_HOUR_MS, DAY, 500_000)).toBeLessThan(0.5);
  });

  test("knows nothing of windows that share a moment with the ranked one", () => {
    // The last hour holds a billion each quarter-hour: that counts for the hour after it, not for itself.
    const past = quarterHours(count(500).map((index) => (index >= 496 ? 1e9 : 1_000)));
    expect(rankOf(past, HOUR_MS, DAY - HOUR_MS, 20_000)).toBeGreaterThan(0.99);
    expect(rankOf(past, HOUR_MS, DAY, 20_000)).toBeLessThan(0.98);
  });

  test("is unknown under 24 h of covered history, or twice the window's length", () => {
    expect(rankOf(quarterHours(count(95)), QUARTER_HOUR_MS, DAY, 9)).toBeNull();
    expect(rankOf(quarterHours(count(96)), QUARTER_HOUR_MS, DAY, 9)).not.toBeNull();
    const half = quarterHours(count(150), (index) => (index < 75 ? 0 : 1));
    expect(rankOf(half, QUARTER_HOUR_MS, DAY, 9)).toBeNull();
    expect(rankOf(quarterHours(count(191)), DAY_MS, DAY, 9)).toBeNull();
    expect(rankOf(quarterHours(count(192)), DAY_MS, DAY, 9)).not.toBeNull();
  });

  test("is unknown for a window that is no whole number of quarter-hours, and for a sum that is unknown", () => {
    expect(rankOf(quarterHours(count(200)), 20 * 60_000, DAY, 9)).toBeNull();
    const { rank } = earlierWindows(quarterHours(count(200)), QUARTER_HOUR_MS, DAY);
    expect([rank("long", null), rank("short", 1)]).toEqual([null, expect.any(Number)]);
  });

  test("leaves out windows that were not covered", () => {
    const flow = [...count(100).map(() => 0), ...count(100).map(() => 1_000_000)];
    const notCovered = quarterHours(flow, (index) => (index < 100 ? 0 : 1));
    expect(rankOf(notCovered, QUARTER_HOUR_MS, DAY, 500_000)).toBeLessThan(0.1);
    expect(rankOf(quarterHours(flow), QUARTER_HOUR_MS, DAY, 500_000)).toBeGreaterThan(0.3);
  });
});

describe("the uptime share", () => {
  const range = { start: 100, end: 200 };

  test("is what lies in no gap, of all venues' time", () => {
    expect(uptimeShare([], equalWeights(["okx", "bybit"]), range)).toBe(1);
    expect(uptimeShare([gap("okx", 120, 140)], equalWeights(["okx", "bybit"]), range)).toBe(0.9);
    expect(
      uptimeShare([gap("okx", 0, 110), gap("okx", 190, null), gap("bybit", 0, null)], equalWeights(["okx", "bybit"]), range),
    ).toBeCloseTo(0.4, 12);
  });

  test("counts overlapping gaps of a venue once, and no other venue's", () => {
    const gaps = [gap("okx", 110, 150), gap("okx", 120, 130), gap("okx", 140, 160), gap("kucoin", 100, 200)];
    expect(uptimeShare(gaps, equalWeights(["okx"]), range)).toBe(0.5);
  });

  test("is none where no venue was covered", () => {
    expect(uptimeShare([], equalWeights([]), range)).toBe(0);
  });
});

describe("venues weighed by their USD", () => {
  const venues = ["binance", "bybit", "okx", "bitfinex"] as const;
  const weights = venueWeights(
    venues,
    new Map([
      ["binance", 33],
      ["bybit", 45],
      ["okx", 18],
      ["bitfinex", 4],
    ]),
    96,
  );
  const silent = [gap("bitfinex", 0, null)];

  test("count by their share, so that a small one that falls silent takes little", () => {
    expect(uptimeShare(silent, weights, { start: 0, end: 100 })).toBeCloseTo(0.96, 12);
    expect(shareOf(connectedVenues(silent, venues, [{ start: 0, end: 100 }]), weights)).toBeCloseTo(0.96, 12);
  });

  test("count the same with less than a day of history, and without USD", () => {
    expect(venueWeights(venues, new Map([["bybit", 45]]), 95)).toEqual(equalWeights(venues));
    expect(venueWeights(venues, new Map(), 500)).toEqual(equalWeights(venues));
  });

  test("are compared where they were connected for nine tenths of each window", () => {
    const ranges = [
      { start: 0, end: 100 },
      { start: 100, end: 200 },
    ];
    expect(connectedVenues([gap("okx", 90, 110)], venues, ranges)).toContain("okx");
    expect(connectedVenues([gap("okx", 89, 100)], venues, ranges)).not.toContain("okx");
  });
});
