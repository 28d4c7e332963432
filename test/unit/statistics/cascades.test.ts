import { describe, expect, test } from "vitest";
import { falseCascadesPerHour, measureFlushes } from "../../../scripts/measure/cascades.ts";

describe("cascades on simulated markets", () => {
  test("start in under 2 % of the hours of a random walk with steady flow", () => {
    expect(falseCascadesPerHour(1)).toBeLessThan(0.02);
  });

  test("have the right start, within 3 s, and the right first venue, for 95 % of flushes amid other liquidations", () => {
    const flushes = measureFlushes(2);
    expect(flushes.found / flushes.planted).toBeGreaterThanOrEqual(0.9);
    expect(flushes.rightStart / flushes.found).toBeGreaterThanOrEqual(0.95);
    expect(flushes.rightVenue / flushes.found).toBeGreaterThanOrEqual(0.95);
  });
});
