import { describe, expect, test } from "vitest";
import type { Gap } from "../../../src/gap.ts";
import { DAY_MS, HOUR_MS } from "../../../src/windows/calendar.ts";
import { uptimeShare } from "../../../src/windows/uptime-share.ts";
import { QUARTER_HOUR_MS, type QuarterHour, windowPercentiles } from "../../../src/windows/percentile.ts";

const DAY = Date.UTC(2026, 10, 20);
/** Quarters up to `DAY`, the last one given last. */
const quarterHours = (long: readonly number[], uptime: (index: number) => number = () => 1): readonly QuarterHour[] =>
  long.map((usd, index) => ({ start: DAY - (long.length - index) * QUARTER_HOUR_MS, long: usd, short: 1, uptime: uptime(index) }));
const count = (length: number) => Array.from({ length }, (_, index) => index);
const usd = (long: number) => ({ long, short: 1, total: long + 1 });

const gap = (exchange: Gap["exchange"], from: number, to: number | null): Gap => ({
  exchange,
  from_time: from,
  to_time: to,
  reason: "silent",
});

describe("a window's percentile", () => {
  test("is the share of earlier windows with less", () => {
    const past = quarterHours(count(200));
    expect(windowPercentiles(past, QUARTER_HOUR_MS, DAY, usd(150))).toEqual({ long: 0.75, short: 0, total: 0.75 });
    expect(windowPercentiles(past, QUARTER_HOUR_MS, DAY, usd(1_000)).long).toBe(1);
    expect(windowPercentiles(past, QUARTER_HOUR_MS, DAY, usd(0)).long).toBe(0);
  });

  test("of an hour ranks it among hours that begin on any quarter", () => {
    // Hours of 0..99: 97 of them, sums 6, 10, 14 … 390; 24 are under 100.
    expect(windowPercentiles(quarterHours(count(100)), HOUR_MS, DAY, usd(100)).long).toBeCloseTo(24 / 97, 12);
  });

  test("knows nothing of windows that share a moment with the ranked one, or ended 7 days before it", () => {
    const past = quarterHours(count(1_000));
    // The last hour overlaps a window that starts an hour ago: 996 quarters are before it, of which 672 are of 7 days.
    const start = DAY - HOUR_MS;
    expect(windowPercentiles(past, QUARTER_HOUR_MS, start, usd(995)).long).toBeCloseTo(671 / 672, 12);
    expect(windowPercentiles(past, QUARTER_HOUR_MS, start, usd(324)).long).toBe(0);
    expect(windowPercentiles(past, QUARTER_HOUR_MS, start, usd(325)).long).toBeCloseTo(1 / 672, 12);
  });

  test("is unknown under 24 h of heard history, or twice the window's length", () => {
    expect(windowPercentiles(quarterHours(count(95)), QUARTER_HOUR_MS, DAY, usd(9)).long).toBeNull();
    expect(windowPercentiles(quarterHours(count(96)), QUARTER_HOUR_MS, DAY, usd(9)).long).not.toBeNull();
    expect(
      windowPercentiles(
        quarterHours(count(150), (index) => (index < 75 ? 0 : 1)),
        QUARTER_HOUR_MS,
        DAY,
        usd(9),
      ).long,
    ).toBeNull();
    expect(windowPercentiles(quarterHours(count(191)), DAY_MS, DAY, usd(9)).long).toBeNull();
    expect(windowPercentiles(quarterHours(count(192)), DAY_MS, DAY, usd(9)).long).not.toBeNull();
  });

  test("is unknown for a window that is no whole number of quarters, and for a sum that is unknown", () => {
    expect(windowPercentiles(quarterHours(count(200)), 20 * 60_000, DAY, usd(9)).long).toBeNull();
    expect(windowPercentiles(quarterHours(count(200)), QUARTER_HOUR_MS, DAY, { long: null, short: 1, total: null })).toEqual({
      long: null,
      short: 0,
      total: null,
    });
  });

  test("leaves out windows that were not heard", () => {
    const deaf = quarterHours([...count(100).map(() => 0), ...count(100).map(() => 10)], (index) => (index < 100 ? 0 : 1));
    expect(windowPercentiles(deaf, QUARTER_HOUR_MS, DAY, usd(5)).long).toBe(0);
    const uptime = quarterHours([...count(100).map(() => 0), ...count(100).map(() => 10)]);
    expect(windowPercentiles(uptime, QUARTER_HOUR_MS, DAY, usd(5)).long).toBe(0.5);
  });
});

describe("the heard share", () => {
  const range = { start: 100, end: 200 };

  test("is what lies in no gap, of all venues' time", () => {
    expect(uptimeShare([], ["okx", "bybit"], range)).toBe(1);
    expect(uptimeShare([gap("okx", 120, 140)], ["okx", "bybit"], range)).toBe(0.9);
    expect(uptimeShare([gap("okx", 0, 110), gap("okx", 190, null), gap("bybit", 0, null)], ["okx", "bybit"], range)).toBeCloseTo(0.4, 12);
  });

  test("counts overlapping gaps of a venue once, and no other venue's", () => {
    const gaps = [gap("okx", 110, 150), gap("okx", 120, 130), gap("okx", 140, 160), gap("kucoin", 100, 200)];
    expect(uptimeShare(gaps, ["okx"], range)).toBe(0.5);
  });

  test("is none where nobody could be heard", () => {
    expect(uptimeShare([], [], range)).toBe(0);
  });
});
