import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cascadeScore } from "../../../src/cascade/cascade-score.ts";

const USUAL = { medianVelocity: 240, medianEvents1m: 5 };

test("a liquidation like the median one has 50, a hundred times the velocity has 99", () => {
  expect(cascadeScore({ velocity: 240, events1m: 5 }, USUAL)).toBe(50);
  expect(cascadeScore({ velocity: 24_000, events1m: 5 }, USUAL)).toBeCloseTo(99, 0);
  expect(cascadeScore({ velocity: 0, events1m: 1 }, USUAL)).toBe(0);
});

test("it goes on rising with the velocity and with the number, and stays within 0 and 100", () => {
  const velocities = fc.double({ min: 0.01, max: 1e8, noNaN: true });
  fc.assert(
    fc.property(velocities, fc.integer({ min: 1, max: 100_000 }), (velocity, events1m) => {
      const score = cascadeScore({ velocity, events1m }, USUAL);
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThan(100);
      expect(cascadeScore({ velocity: velocity * 1.5, events1m }, USUAL)).toBeGreaterThan(score);
      expect(cascadeScore({ velocity, events1m: events1m + 1 }, USUAL)).toBeGreaterThan(score);
    }),
  );
});

test("medians of liquidations without a known value divide by nothing", () => {
  expect(cascadeScore({ velocity: 0, events1m: 1 }, { medianVelocity: 0, medianEvents1m: 0 })).toBe(0);
  expect(cascadeScore({ velocity: 1, events1m: 1 }, { medianVelocity: 0, medianEvents1m: 0 })).toBeCloseTo(100 / 1.01, 9);
});
