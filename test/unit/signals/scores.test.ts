import { expect, test } from "vitest";
import { brierScore, brierSkill, mean, median, wilsonInterval } from "../../../src/signals/scores.ts";

const rounded = (hits: number, trials: number) => {
  const interval = wilsonInterval(hits, trials);
  return [interval?.low.toFixed(4), interval?.high.toFixed(4)];
};

test("the Wilson interval is the one of the textbooks", () => {
  // Newcombe 1998, Statistics in Medicine 17: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
  expect(rounded(81, 263)).toEqual(["0.2553", "0.3662"]);
  expect(rounded(15, 148)).toEqual(["0.0624", "0.1605"]);
  expect(rounded(0, 20)).toEqual(["0.0000", "0.1611"]);
  expect(rounded(1, 29)).toEqual(["0.0061", "0.1718"]);
  expect(wilsonInterval(0, 0)).toBeNull();
});

test("the Brier score is the mean squared error, and skill is against the hit rate", () => {
  const forecasts = [
    { probability: 0.9, hit: true },
    { probability: 0.2, hit: false },
    { probability: 0.5, hit: true },
    { probability: 0.5, hit: false },
  ];
  expect(brierScore(forecasts)).toBeCloseTo((0.01 + 0.04 + 0.25 + 0.25) / 4, 12);
  expect(brierSkill(forecasts)).toBeCloseTo(1 - 0.1375 / 0.25, 12);
  expect(brierSkill(forecasts.map((forecast) => ({ ...forecast, probability: 0.5 })))).toBe(0);
  expect(brierSkill(forecasts.map(({ hit }) => ({ probability: hit ? 0.1 : 0.9, hit })))).toBeLessThan(0);
});

test("without forecasts there is no score, and without different outcomes no skill", () => {
  expect(brierScore([])).toBeNull();
  expect(brierSkill([])).toBeNull();
  expect(brierSkill([{ probability: 0.9, hit: true }])).toBeNull();
});

test("mean and median", () => {
  expect([mean([1, 2, 6]), median([6, 1, 2]), median([4, 1, 3, 2]), mean([]), median([])]).toEqual([3, 2, 2.5, null, null]);
});
