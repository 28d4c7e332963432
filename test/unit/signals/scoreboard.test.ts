import { describe, expect, test } from "vitest";
import { type GradedDecision, scoreHorizon } from "../../../src/signals/scoreboard.ts";

const decision = (net: number | null, changes: Partial<GradedDecision> = {}): GradedDecision => ({
  horizon: "1h",
  action: net === null ? "NOTHING" : "BUY",
  confidence: 70,
  calibrated_probability: null,
  net_return_bps: net,
  random_net_return_bps: net === null ? null : -10,
  fade_net_return_bps: 5,
  follow_net_return_bps: -25,
  ...changes,
});
const times = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));

describe("the scoreboard", () => {
  test("says nothing under 20 graded, of the decisions and of each baseline", () => {
    const score = scoreHorizon(times(19, () => decision(100)));
    const insufficient = { verdict: "insufficient", graded: 19, hit_rate: null, mean_net_return_bps: null };
    expect(score).toMatchObject({ ...insufficient, brier_score: null, brier_skill: null, reliability: [] });
    for (const baseline of Object.values(score.baselines)) expect(baseline).toMatchObject(insufficient);
  });

  test("counts NOTHING for the baselines and not for the decisions", () => {
    const score = scoreHorizon([...times(19, () => decision(100)), ...times(30, () => decision(null))]);
    expect(score).toMatchObject({ verdict: "insufficient", graded: 19 });
    expect(score.baselines.random).toMatchObject({ verdict: "insufficient", graded: 19 });
    expect(score.baselines.fade).toMatchObject({ verdict: "sufficient", graded: 49, mean_net_return_bps: 5, hit_rate: 1 });
    expect(score.baselines.follow).toMatchObject({ graded: 49, mean_net_return_bps: -25, hit_rate: 0 });
    expect(score.baselines.nothing).toMatchObject({ graded: 49, mean_net_return_bps: 0, median_net_return_bps: 0, hit_rate: null });
  });

  test("gives hit rate with its interval, mean and median after cost, and the Brier score", () => {
    const score = scoreHorizon(times(20, (index) => decision(index < 15 ? 20 : -40)));
    expect(score).toMatchObject({ verdict: "sufficient", graded: 20, hit_rate: 0.75, mean_net_return_bps: 5, median_net_return_bps: 20 });
    expect(score.hit_rate_low).toBeCloseTo(0.5313, 4);
    expect(score.hit_rate_high).toBeCloseTo(0.8881, 4);
    expect(score.brier_score).toBeCloseTo(0.75 * 0.09 + 0.25 * 0.49, 12);
  });

  test("a return of exactly zero is no hit", () => {
    expect(scoreHorizon(times(20, () => decision(0))).hit_rate).toBe(0);
  });

  test("shows by bucket of confidence how often it came true, with 100 in the last", () => {
    const score = scoreHorizon([
      ...times(10, (index) => decision(index < 4 ? 10 : -10, { confidence: 50 + (index % 2) * 9 })),
      ...times(10, () => decision(10, { confidence: 100 })),
    ]);
    expect(score.reliability).toMatchObject([
      { from: 50, to: 60, graded: 10, mean_confidence: 54.5, hit_rate: 0.4 },
      { from: 90, to: 100, graded: 10, mean_confidence: 100, hit_rate: 1 },
    ]);
  });

  test("scores the calibrated probability where there is one", () => {
    const score = scoreHorizon(times(20, () => decision(10, { calibrated_probability: 1 })));
    expect(score.brier_score).toBe(0);
  });
});
