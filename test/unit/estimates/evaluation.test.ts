import { describe, expect, test } from "vitest";
import { type Evaluation, verdictOf } from "../../../src/estimates/evaluation.ts";

const level = (name: string, coverage: number, minutes = 1_000) => ({
  level: name,
  minutes,
  reported_to_true: 0.9,
  calibrated_to_true: 1,
  coverage,
  allowed: [0.73, 0.87] as const,
});
const GOOD: Evaluation = {
  minutes: 3_000,
  reported_to_true: 0.9,
  calibrated_to_true: 1,
  reported_events_to_true: 0.6,
  calibrated_events_to_true: 1,
  levels: [level("a", 0.8), level("b", 0.8), level("c", 0.8)],
  hours: { count: 300, coverage: 0.9 },
  days: { count: 28, coverage: 1 },
};

describe("the verdict on estimates", () => {
  test("is validated where every part of the test passed", () => {
    expect(verdictOf(GOOD, "it")).toEqual({ status: "validated", reason: null });
  });

  test("is experimental where nothing failed and too few levels could be tested", () => {
    expect(verdictOf({ ...GOOD, levels: [level("a", 0.8), level("b", 0.2, 99)] }, "it")).toMatchObject({ status: "experimental" });
  });

  test.each([
    ["the ratio", { levels: [level("a", 0.8)], calibrated_to_true: 0.52 }, "calibrated / true 0.520"],
    ["the ratio of the numbers", { calibrated_events_to_true: 1.3 }, "numbers, calibrated / true 1.300"],
    ["a level, though few have minutes", { levels: [level("a", 0.3)] }, "at a the interval covers 30 %"],
    ["the sums of hours", { hours: { count: 300, coverage: 0.6 } }, "sums of hours covers 60 %"],
    ["the sums of days", { days: { count: 28, coverage: 0.1 } }, "sums of days covers 10 %"],
    ["without anything to test", { calibrated_to_true: Number.NaN }, "calibrated / true NaN"],
  ])("is withheld where %s failed", (_, changes, reason) => {
    expect(verdictOf({ ...GOOD, ...changes }, "it")).toMatchObject({ status: "withheld", reason: expect.stringContaining(reason) });
  });
});
