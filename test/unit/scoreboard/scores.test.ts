import { expect, test } from "vitest";
import { brierScore, brierSkill, mean, median } from "../../../src/scoreboard/scores.ts";

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
