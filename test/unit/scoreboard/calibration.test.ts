import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PastForecast, calibrationOf } from "../../../src/scoreboard/calibration.ts";

const past = (count: number, make: (index: number) => PastForecast) => Array.from({ length: count }, (_, index) => make(index));

describe("calibrated probabilities", () => {
  test("are unknown under 100 graded decisions", () => {
    expect(calibrationOf(past(99, () => ({ confidence: 60, hit: true })))(60)).toBeNull();
    expect(calibrationOf(past(100, () => ({ confidence: 60, hit: true })))(60)).not.toBeNull();
  });

  test("are the hit rates of that confidence where many decisions have it", () => {
    // 80 comes true four times in five, 20 once in five.
    const calibrate = calibrationOf(
      past(2_000, (index) => (index % 2 === 0 ? { confidence: 80, hit: index % 10 !== 0 } : { confidence: 20, hit: index % 10 === 1 })),
    );
    expect(calibrate(80)).toBeCloseTo(0.8, 1);
    expect(calibrate(20)).toBeCloseTo(0.2, 1);
    expect(calibrate(50)).toBeCloseTo(0.5, 2);
  });

  test("are near the base rate where few decisions have it", () => {
    const rare = calibrationOf([
      ...past(2, () => ({ confidence: 95, hit: true })),
      ...past(200, (index) => ({ confidence: 60, hit: index % 5 < 2 })),
    ]);
    expect(rare(95)).toBeGreaterThan(0.4);
    expect(rare(95)).toBeLessThan(0.5);
  });

  test("of a model that says 0 and 100 for ever are neither", () => {
    for (const hit of [(index: number) => index % 2 === 1, () => true, () => false]) {
      const calibrate = calibrationOf(past(1_000, (index) => ({ confidence: index % 2 === 0 ? 0 : 100, hit: hit(index) })));
      for (const confidence of [0, 50, 100]) {
        expect(calibrate(confidence)).toBeGreaterThan(0);
        expect(calibrate(confidence)).toBeLessThan(1);
      }
    }
  });

  test("never fall with confidence, and are never 0 or 1", () => {
    const forecasts = fc.array(fc.record({ confidence: fc.integer({ min: 0, max: 100 }), hit: fc.boolean() }), {
      minLength: 100,
      maxLength: 300,
    });
    fc.assert(
      fc.property(forecasts, (given) => {
        const calibrate = calibrationOf(given);
        let before = 0;
        for (let confidence = 0; confidence <= 100; confidence += 5) {
          const probability = calibrate(confidence) ?? Number.NaN;
          expect(probability).toBeGreaterThanOrEqual(before - 1e-12);
          expect(probability).toBeLessThan(1);
          if (confidence === 0) expect(probability).toBeGreaterThan(0);
          before = probability;
        }
      }),
      { numRuns: 50 },
    );
  });
});
