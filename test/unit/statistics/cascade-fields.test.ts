import { expect, test } from "vitest";
import { measureBranching } from "../../../scripts/measure/branching.ts";
import { prAuc } from "../../../src/training/pr-auc.ts";
import { measureScore } from "../../../scripts/measure/score.ts";
import { measureScripted } from "../../../scripts/measure/scripted-cascade.ts";

const DAYS = Array.from({ length: 10 }, (_, index) => index + 1);

test("the score finds the minutes before cascades better than the velocity, on a market that its form was not chosen on", () => {
  const { score, velocity } = measureScore(1, 4);
  expect(score).toBeGreaterThan(velocity);
});

test("intervals of the branching ratio contain 0 where only the rate drifts, and 0.6 where that was planted", () => {
  for (const ratio of [0, 0.6]) {
    const { fits, covered, unknown } = measureBranching(DAYS, ratio);
    expect(unknown).toBeLessThanOrEqual(1);
    expect(covered).toBeGreaterThanOrEqual(0.9 * fits.length);
    if (ratio > 0) for (const fit of fits) expect(fit.branchingRatio).toBeGreaterThan(3 * fit.standardError);
  }
});

test("the leader of the demo's cascade has a negative lag and the cascade the script's start, amid other liquidations", () => {
  const plays = DAYS.map((seed) => measureScripted(seed));
  for (const { script, medianLagMs, onsetMs } of plays) {
    expect(medianLagMs.get(script.firstExchange)).toBeLessThan(0);
    expect(Math.abs(onsetMs)).toBeLessThanOrEqual(3_000);
  }
});

test("the area under precision and recall, worked by hand", () => {
  // The positives are at places 1 and 3: (1/1 + 2/3) / 2.
  expect(prAuc([9, 8, 7, 6], [true, false, true, false])).toBeCloseTo(5 / 6, 12);
  expect(prAuc([1, 1, 1, 1], [true, false, true, false])).toBeCloseTo(0.5, 12);
});
