import { describe, expect, test } from "vitest";
import { measureBasis, measureRandomTimes } from "../../../scripts/measure/grades.ts";

describe("grades on simulated markets", () => {
  test("hold no basis between venues, where marks of the preferred venue in each minute would", () => {
    const { graded, wrong, wrongByPreference, withoutExit } = measureBasis(1);
    expect(wrong).toBe(0);
    expect(wrongByPreference / graded).toBeGreaterThan(0.2);
    expect(withoutExit / graded).toBeLessThan(0.25);
  });

  test("show no skill in hours that always rise: matched random times rise too", () => {
    const { grades, draws, meanBps, randomBps, standardError } = measureRandomTimes(1);
    expect(grades).toBeGreaterThan(100);
    expect(draws).toBeGreaterThan(150);
    expect(meanBps).toBeGreaterThan(20);
    expect(Math.abs(meanBps - randomBps)).toBeLessThan(3 * standardError);
  });
});
