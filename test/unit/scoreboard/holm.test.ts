import { expect, test } from "vitest";
import { holmAdjusted } from "../../../src/scoreboard/holm.ts";

test("the smallest p-value counts for all hypotheses, each larger one for one less, and none falls below the one before", () => {
  // 4 · 0.01, 3 · 0.02, then 2 · 0.022, which is less than the one before, and 0.09.
  const adjusted = holmAdjusted([0.09, 0.01, 0.022, 0.02]).map((p) => p?.toFixed(3));
  expect(adjusted).toEqual(["0.090", "0.040", "0.060", "0.060"]);
});

test("an unknown p-value is no hypothesis, and no corrected one exceeds 1", () => {
  expect(holmAdjusted([null, 0.03, null])).toEqual([null, 0.03, null]);
  expect(holmAdjusted([0.6, 0.8])).toEqual([1, 1]);
  expect(holmAdjusted([])).toEqual([]);
});
