import { describe, expect, test } from "vitest";
import { type PastForecast, standing } from "../../../src/signals/track-record.ts";

const past = (count: number, make: (index: number) => Partial<PastForecast>): readonly PastForecast[] =>
  Array.from({ length: count }, (_, index) => ({ confidence: 60, calibrated_probability: null, hit: true, ...make(index) }));
/** 80 comes true four times in five, 20 once in five. */
const skilled = (index: number): Partial<PastForecast> =>
  index % 2 === 0 ? { confidence: 80, hit: index % 10 !== 0 } : { confidence: 20, hit: index % 10 === 1 };
const contrary = (index: number): Partial<PastForecast> => {
  const { confidence, hit } = skilled(index);
  return { confidence: confidence ?? 0, hit: !hit };
};

describe("what an analyst's past says of it", () => {
  test("under 100 graded there is no calibration, and decisions are on paper", () => {
    const of99 = standing(past(99, skilled));
    expect(of99).toMatchObject({ paper: true, brierSkill: null });
    expect(of99.calibrate(80)).toBeNull();
  });

  test("with skill over 100 decisions are no longer on paper, and confidence is the observed hit rate", () => {
    const of100 = standing(past(100, skilled));
    expect(of100.paper).toBe(false);
    expect(of100.brierSkill).toBeCloseTo(1 - 0.16 / 0.25, 12);
    expect(of100.calibrate(80)).toBeCloseTo(0.8, 12);
    expect(of100.calibrate(20)).toBeCloseTo(0.2, 12);
    expect(of100.calibrate(50)).toBeCloseTo(0.5, 12);
  });

  test("skill is that of the last 100 only", () => {
    expect(standing([...past(100, contrary), ...past(900, skilled)]).paper).toBe(true);
    expect(standing([...past(100, skilled), ...past(900, contrary)]).paper).toBe(false);
  });

  test("skill is that of the calibrated probabilities, where they were given", () => {
    const calibrated = past(100, (index) => ({ ...contrary(index), calibrated_probability: contrary(index).hit ? 1 : 0 }));
    expect(standing(calibrated)).toMatchObject({ paper: false, brierSkill: 1 });
  });

  test("a hundred that all came true leave skill undefined, and decisions on paper", () => {
    expect(standing(past(100, () => ({})))).toMatchObject({ paper: true, brierSkill: null });
  });
});
