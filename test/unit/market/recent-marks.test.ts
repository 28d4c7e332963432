import { describe, expect, test } from "vitest";
import { impactAfter } from "../../../src/cascade/impact.ts";
import { RecentMarks } from "../../../src/market/recent-marks.ts";
import { T0 } from "./market-fixtures.ts";

function marksOf(...prices: readonly (readonly [offsetMs: number, price: number])[]): RecentMarks {
  const marks = new RecentMarks();
  for (const [offset, price] of prices) marks.add("BTCUSDT", price, T0 + offset, T0 + offset + 50);
  return marks;
}

describe("recent marks", () => {
  test("are all kept, by instrument", () => {
    const marks = marksOf([0, 100], [100, 101], [249, 102], [250, 103], [1000, 104]);
    marks.add("ETHUSDT", 7, T0, T0);
    expect(marks.of("BTCUSDT").map(({ time, price }) => [time - T0, price])).toEqual([
      [0, 100],
      [100, 101],
      [249, 102],
      [250, 103],
      [1000, 104],
    ]);
    expect(marks.of("ETHUSDT")).toEqual([{ time: T0, price: 7 }]);
    expect(marks.of("SOLUSDT")).toEqual([]);
  });

  test("stay in order, each once, where a second connection tells them again", () => {
    const marks = marksOf([0, 100], [1000, 101], [0, 100], [1000, 101], [2000, 102]);
    expect(marks.of("BTCUSDT").map(({ price }) => price)).toEqual([100, 101, 102]);
  });

  test("that only the later of two connections tells are put in their place", () => {
    const marks = marksOf([0, 100], [1000, 101], [500, 99], [1000, 98]);
    expect(marks.of("BTCUSDT").map(({ time, price }) => [time - T0, price])).toEqual([
      [0, 100],
      [500, 99],
      [1000, 101],
      [1000, 98],
    ]);
  });

  test("reach two and a half minutes back and no further than half a minute more", () => {
    const marks = new RecentMarks();
    const counts: number[] = [];
    for (let offset = 0; offset < 600_000; offset += 100) {
      marks.add("BTCUSDT", 100 + offset, T0 + offset, T0 + offset);
      counts.push(marks.of("BTCUSDT").length);
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(1801);
    expect(marks.of("BTCUSDT")[0]?.time).toBeLessThanOrEqual(T0 + 450_000);
    expect(marks.of("BTCUSDT").at(-1)?.time).toBe(T0 + 599_900);
  });

  test("are not blocked by one from far in the future, or without a time", () => {
    const marks = marksOf([0, 100]);
    marks.add("BTCUSDT", 50, T0 + 3_600_000, T0);
    marks.add("BTCUSDT", 50, Number.NaN, T0);
    marks.add("BTCUSDT", 99, T0 + 1000, T0 + 1000);
    expect(marks.of("BTCUSDT").map(({ price }) => price)).toEqual([100, 99]);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("with a price of %d make the impact unknown, not absurd", (price) => {
    const good = marksOf([-500, 100], [800, 99]);
    expect(impactAfter(good.of("BTCUSDT"), T0, "long").impact_1s_bps).toBe(100);
    const after = marksOf([-500, 100], [800, price]);
    expect(impactAfter(after.of("BTCUSDT"), T0, "long").impact_1s_bps).toBeNull();
    const before = marksOf([-500, price], [800, 99]);
    expect(impactAfter(before.of("BTCUSDT"), T0, "long").impact_1s_bps).toBeNull();
  });
});
