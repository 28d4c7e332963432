import { describe, expect, test } from "vitest";
import { createRandom } from "../../../scripts/simulator/random.ts";
import { type Case, fitRidgeLogistic } from "../../../src/training/ridge-logistic.ts";

const TRUTH = [0.4, -0.8, 0.3];

/** Outcomes whose logit is 0.4 − 0.8 a + 0.3 b. */
function cases(count: number, seed = 1): readonly Case[] {
  const random = createRandom(seed, "cases");
  return Array.from({ length: count }, () => {
    const x = [random.normal(), random.normal()];
    const logit = (TRUTH[0] ?? 0) + (TRUTH[1] ?? 0) * (x[0] ?? 0) + (TRUTH[2] ?? 0) * (x[1] ?? 0);
    return { x, y: random.chance(1 / (1 + Math.exp(-logit))) ? 1 : 0, weight: 1 };
  });
}

describe("a ridge logistic regression", () => {
  test("finds the coefficients that made the outcomes, within the errors that it states", () => {
    const { coefficients, covariance } = fitRidgeLogistic(cases(4_000), 1e-6);
    for (const [index, value] of coefficients.entries()) {
      const error = Math.sqrt(covariance[index]?.[index] ?? 0);
      expect(error).toBeLessThan(0.05);
      expect(Math.abs(value - (TRUTH[index] ?? 0))).toBeLessThan(3 * error);
    }
  });

  test("shrinks towards the base rate with its penalty, and leaves the intercept alone", () => {
    const all = cases(500);
    const [free, shrunk, flat] = [1e-6, 50, 1e9].map((penalty) => fitRidgeLogistic(all, penalty).coefficients);
    expect(Math.abs(shrunk?.[1] ?? 0)).toBeLessThan(Math.abs(free?.[1] ?? 0));
    expect(flat?.[1]).toBeCloseTo(0, 6);
    const rate = all.filter(({ y }) => y === 1).length / all.length;
    expect(flat?.[0]).toBeCloseTo(Math.log(rate / (1 - rate)), 6);
  });

  test("counts a case of weight 2 as two cases", () => {
    const all = cases(200);
    const doubled = fitRidgeLogistic(
      all.map((one, index) => ({ ...one, weight: index < 50 ? 2 : 1 })),
      1,
    );
    const repeated = fitRidgeLogistic([...all, ...all.slice(0, 50)], 1);
    for (const [index, value] of doubled.coefficients.entries()) expect(value).toBeCloseTo(repeated.coefficients[index] ?? 0, 8);
  });

  test("stays finite where a feature separates the outcomes", () => {
    const separated = cases(60).map((one): Case => ({ ...one, y: (one.x[0] ?? 0) > 0 ? 1 : 0 }));
    for (const value of fitRidgeLogistic(separated, 1).coefficients) expect(Math.abs(value)).toBeLessThan(20);
  });

  test("refuses cases that all have the same outcome, or not the same features", () => {
    const all = cases(20);
    expect(() =>
      fitRidgeLogistic(
        all.map((one) => ({ ...one, y: 1 })),
        1,
      ),
    ).toThrow("all cases have the same outcome");
    expect(() => fitRidgeLogistic([...all, { x: [1], y: 0, weight: 1 }], 1)).toThrow("a case has 1 features, the first one 2");
  });
});
