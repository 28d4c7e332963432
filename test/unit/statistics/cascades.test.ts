import { describe, expect, test } from "vitest";
import { falseCascadesPerHour, measureFlushes } from "../../../scripts/measure/cascades.ts";

describe("cascades on simulated markets", () => {
  test("start in under 2 % of the hours of a random walk with steady flow", () => {
    expect(falseCascadesPerHour(1, 2)).toBeLessThan(0.02);
  });

  test("have the right start, within 3 s, for 95 % of flushes amid other liquidations, name the first venue of 90 % and rightly", () => {
    const flushes = measureFlushes(2, true);
    expect(flushes.found / flushes.planted).toBeGreaterThanOrEqual(0.9);
    expect(flushes.rightStart / flushes.found).toBeGreaterThanOrEqual(0.95);
    expect(flushes.named / flushes.found).toBeGreaterThanOrEqual(0.9);
    expect(flushes.rightVenue / flushes.named).toBeGreaterThanOrEqual(0.95);
  });
});
