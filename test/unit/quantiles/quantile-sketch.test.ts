import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { QuantileSketch, RELATIVE_ACCURACY } from "../../../src/quantiles/quantile-sketch.ts";

const usd = fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 1e12, noNaN: true }), fc.integer({ min: 1, max: 100 }));
const values = fc.array(usd, { minLength: 1, maxLength: 200 });

function sketchOf(drawn: readonly number[]): QuantileSketch {
  const sketch = new QuantileSketch();
  for (const value of drawn) sketch.add(value);
  return sketch;
}

describe("a quantile sketch", () => {
  test("gives each quantile within 2 % of the sorted values'", () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (drawn, share) => {
        const sorted = drawn.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
        expect(Math.abs((sketchOf(drawn).quantile(share) ?? Infinity) - exact)).toBeLessThanOrEqual(exact * RELATIVE_ACCURACY * 1.000_001);
      }),
    );
  });

  test("gives a rank between the shares of those at least 4.1 % under it and at most 4.1 % over it", () => {
    fc.assert(
      fc.property(values, usd, (drawn, value) => {
        const rank = sketchOf(drawn).rank(value) ?? -1;
        const share = (bound: number) => drawn.filter((other) => other < bound).length / drawn.length;
        expect(rank).toBeGreaterThanOrEqual(share(value / 1.041) - 1e-9);
        expect(rank).toBeLessThanOrEqual(share(value * 1.041 + 1e-9) + 1e-9);
      }),
    );
  });

  test("merged from parts is the sketch of the whole, in any order", () => {
    fc.assert(
      fc.property(values, values, (one, other) => {
        const [merged, turned] = [sketchOf(one), sketchOf(other)];
        turned.merge(merged);
        merged.merge(sketchOf(other));
        expect(merged.toJSON()).toEqual(sketchOf([...one, ...other]).toJSON());
        expect(turned.toJSON()).toEqual(merged.toJSON());
        expect(merged.count).toBe(one.length + other.length);
      }),
    );
  });

  test("is as before after what was merged into it is subtracted again", () => {
    fc.assert(
      fc.property(values, values, (one, other) => {
        const sketch = sketchOf(one);
        sketch.merge(sketchOf(other));
        sketch.subtract(sketchOf(other));
        expect(sketch.toJSON()).toEqual(sketchOf(one).toJSON());
        sketch.subtract(sketchOf(one));
        expect([sketch.count, sketch.isZero, sketch.quantile(0.5)]).toEqual([0, true, null]);
      }),
    );
  });

  test("comes back from JSON as it was, and from anything else not at all", () => {
    const sketch = sketchOf([0, 1, 1, 5000]);
    const back = QuantileSketch.fromJSON(JSON.parse(JSON.stringify(sketch)));
    expect(back?.toJSON()).toEqual(sketch.toJSON());
    expect(back?.rank(5)).toBe(0.75);
    for (const bad of [
      null,
      1,
      {},
      { zeros: -1, buckets: [] },
      { zeros: 0, buckets: [[0.5, 1]] },
      { zeros: 0, buckets: [[1]] },
      { zeros: 0, buckets: [[1e9, 1]] },
    ]) {
      expect(QuantileSketch.fromJSON(bad)).toBeNull();
    }
  });

  test("counts zeros below every value, and neither negatives nor what is no number", () => {
    const sketch = sketchOf([0, 0, 10, -5, Number.NaN]);
    expect(sketch.count).toBe(3);
    expect(sketch.rank(0)).toBe(0);
    expect(sketch.rank(9)).toBeCloseTo(2 / 3, 12);
    expect(sketch.quantile(0.5)).toBe(0);
  });

  test("is unknown without values, and stays small whatever comes", () => {
    expect([new QuantileSketch().rank(1), new QuantileSketch().quantile(0.5)]).toEqual([null, null]);
    const sketch = new QuantileSketch();
    for (let exponent = -320; exponent <= 308; exponent += 0.01) sketch.add(10 ** exponent);
    sketch.add(Number.POSITIVE_INFINITY);
    expect(sketch.toJSON().buckets.length).toBeLessThanOrEqual(1037);
  });
});
