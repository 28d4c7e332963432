import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isotonicFit, isotonicValue } from "../../../src/scoreboard/isotonic.ts";

const points = (...pairs: readonly (readonly [number, number])[]) => pairs.map(([x, y]) => ({ x, y }));

test("a fit pools what falls into its mean", () => {
  const fit = isotonicFit(points([1, 1], [2, 3], [3, 2], [4, 2], [5, 5]));
  expect([1, 2, 3, 4, 5].map((x) => isotonicValue(fit, x))).toEqual([1, 7 / 3, 7 / 3, 7 / 3, 5]);
});

test("points of one input count as their mean", () => {
  const fit = isotonicFit(points([60, 1], [60, 0], [60, 0], [80, 1], [60, 1]));
  expect(isotonicValue(fit, 60)).toBe(0.5);
  expect(isotonicValue(fit, 80)).toBe(1);
});

test("a fit is linear between inputs and flat beyond them", () => {
  const fit = isotonicFit(points([50, 0.25], [70, 0.75]));
  expect(isotonicValue(fit, 55)).toBe(0.375);
  expect(isotonicValue(fit, 0)).toBe(0.25);
  expect(isotonicValue(fit, 100)).toBe(0.75);
  expect(isotonicValue([], 50)).toBeNull();
});

test("a fit never falls, keeps the mean and is the best of its kind", () => {
  const sample = fc.array(fc.record({ x: fc.integer({ min: 0, max: 20 }), y: fc.integer({ min: 0, max: 1 }) }), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(sample, fc.integer({ min: 0, max: 20 }), fc.double({ min: -1, max: 1, noNaN: true }), (data, at, by) => {
      const fit = isotonicFit(data);
      const value = (x: number) => isotonicValue(fit, x) ?? Number.NaN;
      for (let x = 1; x <= 20; x += 1) expect(value(x)).toBeGreaterThanOrEqual(value(x - 1) - 1e-12);
      const mean = (of: (x: { x: number; y: number }) => number) => data.reduce((sum, point) => sum + of(point), 0) / data.length;
      expect(mean(({ x }) => value(x))).toBeCloseTo(
        mean(({ y }) => y),
        9,
      );
      // No other rising function, such as this one stepped up or down from some input on, is closer.
      const error = (f: (x: number) => number) => mean(({ x, y }) => (f(x) - y) ** 2);
      const stepped = (x: number) => (x >= at === by > 0 ? value(x) + by : value(x));
      expect(error(value)).toBeLessThanOrEqual(error(stepped) + 1e-12);
    }),
    { numRuns: 500 },
  );
});
