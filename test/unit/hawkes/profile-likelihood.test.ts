import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hawkesLikelihood } from "../../../src/hawkes/likelihood.ts";
import { profileLikelihood } from "../../../src/hawkes/profile-likelihood.ts";

const END = 100;
/** Some of them together. */
const someTimes = fc
  .array(fc.integer({ min: 1, max: 9_999 }), { minLength: 2, maxLength: 60 })
  .map((drawn) => Float64Array.from(drawn, (hundredths) => hundredths / 100).toSorted());
const decays = fc.double({ min: 0.01, max: 20, noNaN: true });

function massOf(times: Float64Array, decay: number): number {
  return times.reduce((sum, time) => sum + 1 - Math.exp(-decay * (END - time)), 0);
}

function likelihoodAt(times: Float64Array, decay: number, branchingRatio: number): number {
  const base = (times.length - branchingRatio * massOf(times, decay)) / END;
  return hawkesLikelihood(times, END, { base, jump: branchingRatio * decay, decay }).value;
}

describe("the profile likelihood of a decay", () => {
  test("is the likelihood at the base and branching ratio that it finds", () => {
    fc.assert(
      fc.property(someTimes, decays, (times, decay) => {
        const { branchingRatio, value } = profileLikelihood(times, END, decay, new Float64Array(times.length));
        expect(value).toBeCloseTo(likelihoodAt(times, decay, branchingRatio), 6);
      }),
    );
  });

  test("no other base and branching ratio is likelier", () => {
    const share = fc.double({ min: 0, max: 1.5, noNaN: true });
    fc.assert(
      fc.property(someTimes, decays, share, share, (times, decay, ratio, part) => {
        const { value } = profileLikelihood(times, END, decay, new Float64Array(times.length));
        const base = (0.01 + part) * (times.length / END);
        const { value: other } = hawkesLikelihood(times, END, { base, jump: ratio * decay, decay });
        expect(other).toBeLessThanOrEqual(value + 1e-6);
      }),
    );
  });

  test("events at even steps have no branching ratio: their likelihood is that of a Poisson process", () => {
    const times = Float64Array.from({ length: 99 }, (_, index) => index + 1);
    const { branchingRatio, value } = profileLikelihood(times, END, 5, new Float64Array(99));
    expect(branchingRatio).toBe(0);
    expect(value).toBeCloseTo(99 * Math.log(0.99) - 99, 9);
  });
});
