import { describe, expect, test } from "vitest";
import { BASELINES } from "../../../src/scoreboard/baselines.ts";
import { EPISODE_MS } from "../../../src/scoreboard/episode.ts";
import { type GradedDecision, scoreHorizon, scoreHorizons } from "../../../src/scoreboard/scoreboard.ts";
import { DAY_MS } from "../../../src/windows/calendar.ts";

const START = Date.parse("2026-11-02");
const decision = (net: number | null, changes: Partial<GradedDecision> = {}): GradedDecision => ({
  created_time: START,
  horizon: "1h",
  action: net === null ? "NOTHING" : "BUY",
  rule_action: "NOTHING",
  confidence: 70,
  calibrated_probability: null,
  forward_return_bps: net === null ? 0 : net + 12,
  cost_bps: 12,
  funding_bps: 0,
  net_return_bps: net,
  rule_net_return_bps: null,
  fade_net_return_bps: 5,
  follow_net_return_bps: -25,
  random_net_return_bps: net === null ? null : -10,
  random_hit_rate: net === null ? null : 0.4,
  ...changes,
});
const times = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));
/** Each on a day of its own. */
const daily = (count: number, make: (index: number) => GradedDecision) =>
  times(count, (index) => ({ ...make(index), created_time: START + index * DAY_MS }));
/** Each on the fourth day after the one before, so that none share a block. */
const apart = (count: number, make: (index: number) => GradedDecision) =>
  times(count, (index) => ({ ...make(index), created_time: START + 4 * index * DAY_MS }));

describe("the scoreboard", () => {
  test("says nothing under 20 graded, of the decisions and of each baseline", () => {
    const score = scoreHorizon(
      daily(19, () => decision(100)),
      "1h",
    );
    const insufficient = { verdict: "insufficient", graded: 19, hit_rate: null, mean_net_return_bps: null, effective_n: null };
    expect(score).toMatchObject({ ...insufficient, n_episodes: 19, brier_score: null, brier_skill: null, p_value: null, reliability: [] });
    for (const name of ["nothing", "coin", "random", "fade", "follow"] as const) {
      expect(score.baselines[name]).toMatchObject({ ...insufficient, difference: { mean_bps: null, low: null, high: null } });
    }
  });

  test("counts NOTHING for the baselines and not for the decisions", () => {
    const score = scoreHorizon([...daily(19, () => decision(100)), ...daily(30, () => decision(null))], "1h");
    expect(score).toMatchObject({ verdict: "insufficient", graded: 19 });
    expect(score.baselines.random).toMatchObject({ verdict: "insufficient", graded: 19 });
    expect(score.baselines.coin).toMatchObject({ verdict: "insufficient", graded: 19 });
    expect(score.baselines.fade).toMatchObject({ verdict: "sufficient", graded: 49, mean_net_return_bps: 5, hit_rate: 1 });
    expect(score.baselines.follow).toMatchObject({ graded: 49, mean_net_return_bps: -25, hit_rate: 0 });
    expect(score.baselines.nothing).toMatchObject({ graded: 49, mean_net_return_bps: 0, median_net_return_bps: 0, hit_rate: null });
  });

  test("gives hit rate, mean and median after cost, and the Brier score", () => {
    const score = scoreHorizon(
      daily(20, (index) => decision(index < 15 ? 20 : -40)),
      "1h",
    );
    expect(score).toMatchObject({ verdict: "sufficient", graded: 20, hit_rate: 0.75, mean_net_return_bps: 5, median_net_return_bps: 20 });
    expect(score.brier_score).toBeCloseTo(0.75 * 0.09 + 0.25 * 0.49, 12);
  });

  test("counts a BUY whose cost is unknown apart, and in no figure of the decisions or of a baseline", () => {
    const nets = { rule_net_return_bps: null, fade_net_return_bps: null, follow_net_return_bps: null };
    const unknown = decision(null, { action: "BUY", forward_return_bps: 500, cost_bps: null, ...nets });
    const known = daily(20, (index) => decision(index < 15 ? 20 : -40, { rule_action: "BUY", rule_net_return_bps: 3 }));
    const ruled = { ...unknown, rule_action: "BUY" } as const;
    const score = scoreHorizon([...known, ...daily(30, () => ruled)], "1h");
    const { ungraded_cost: ungraded, ...figures } = score;
    const { ungraded_cost: none, ...expected } = scoreHorizon(known, "1h");
    expect([ungraded, none]).toEqual([30, 0]);
    expect(figures).toEqual(expected);
  });

  test("a return of exactly zero is no hit", () => {
    expect(
      scoreHorizon(
        daily(20, () => decision(0)),
        "1h",
      ).hit_rate,
    ).toBe(0);
  });

  test("takes five decisions of the same 4 hours for one in its intervals", () => {
    const once = scoreHorizon(
      apart(20, (index) => decision(index % 3 === 0 ? 60 : -20)),
      "1h",
    );
    const five = scoreHorizon(
      apart(20, (index) => decision(index % 3 === 0 ? 60 : -20)).flatMap((one) =>
        times(5, (index) => ({ ...one, created_time: one.created_time + (index * EPISODE_MS) / 5 })),
      ),
      "1h",
    );
    expect(five).toMatchObject({ graded: 100, n_episodes: 20 });
    expect(five.effective_n).toBeCloseTo(once.effective_n ?? 0, 9);
    expect(five.effective_n).toBeLessThanOrEqual(20);
    expect(five.mean_net_return_low).toBeCloseTo(once.mean_net_return_low ?? 0, 9);
    expect(five.hit_rate_high).toBeCloseTo(once.hit_rate_high ?? 0, 9);
  });

  test("gives figures without intervals where the decisions span too few days", () => {
    const score = scoreHorizon(
      times(40, (index) => decision(index % 2 === 0 ? 60 : -20)),
      "1h",
    );
    expect(score).toMatchObject({ verdict: "sufficient", graded: 40, n_episodes: 1, hit_rate: 0.5, mean_net_return_bps: 20 });
    expect([score.hit_rate_low, score.mean_net_return_high, score.p_value, score.adjusted_p_value]).toEqual([null, null, null, null]);
    expect(score.reliability).toMatchObject([{ from: 70, hit_rate: 0.5, hit_rate_low: null, hit_rate_high: null }]);
  });

  test("shows by bucket of confidence how often it came true, with 100 in the last", () => {
    const score = scoreHorizon(
      [
        ...daily(10, (index) => decision(index < 4 ? 10 : -10, { confidence: 50 + (index % 2) * 9 })),
        ...daily(10, () => decision(10, { confidence: 100 })),
      ],
      "1h",
    );
    expect(score.reliability).toMatchObject([
      { from: 50, to: 60, graded: 10, n_episodes: 10, mean_confidence: 54.5, hit_rate: 0.4 },
      { from: 90, to: 100, graded: 10, mean_confidence: 100, hit_rate: 1 },
    ]);
  });

  test("scores stated confidence and calibrated probabilities apart, each over the decisions that have it", () => {
    const calibrated = daily(20, () => decision(10, { confidence: 60, calibrated_probability: 1 }));
    const stated = daily(20, () => decision(10, { confidence: 60 }));
    const score = scoreHorizon([...stated, ...calibrated], "1h");
    expect(score.brier_score).toBeCloseTo(0.16, 12);
    expect(score).toMatchObject({ calibrated: 20, brier_score_calibrated: 0 });
    const few = scoreHorizon([...stated, ...calibrated.slice(1)], "1h");
    expect(few).toMatchObject({ calibrated: 19, brier_score_calibrated: null, brier_skill_calibrated: null });
  });
});

describe("registered and exploratory horizons", () => {
  const all = (["5m", "1h", "4h", "24h"] as const).flatMap((horizon, order) =>
    daily(40, (index) => decision((index % 2 === 0 ? 30 : -28) + 10 * order, { horizon })),
  );
  const scores = scoreHorizons(all);

  test("are labelled, and the probability is scored at the registered one alone", () => {
    expect(Object.entries(scores).map(([name, { role }]) => [name, role])).toEqual([
      ["5m", "exploratory"],
      ["15m", "exploratory"],
      ["1h", "registered"],
      ["4h", "exploratory"],
      ["24h", "exploratory"],
    ]);
    expect(scores["1h"].brier_score).not.toBeNull();
    expect(scores["1h"].reliability).not.toEqual([]);
    for (const name of ["5m", "15m", "4h", "24h"] as const) {
      expect(scores[name]).toMatchObject({ brier_score: null, brier_skill: null, calibrated: 0, reliability: [] });
    }
  });

  test("have p-values that are corrected for the number of exploratory ones with figures", () => {
    expect(scores["1h"].adjusted_p_value).toBe(scores["1h"].p_value);
    expect(scores["15m"]).toMatchObject({ verdict: "insufficient", p_value: null, adjusted_p_value: null });
    const exploratory = (["5m", "4h", "24h"] as const).map((name) => scores[name]);
    const smallest = Math.min(...exploratory.map(({ p_value }) => p_value ?? 1));
    for (const { p_value, adjusted_p_value } of exploratory) {
      expect(adjusted_p_value).toBeGreaterThanOrEqual(p_value ?? 1);
      if (p_value === smallest) expect(adjusted_p_value).toBeCloseTo(Math.min(1, 3 * p_value), 12);
    }
  });
});

describe("baselines", () => {
  test("have a difference to each decision, in which NOTHING earns 0", () => {
    const made = [...apart(30, () => decision(20)), ...apart(10, () => decision(null))];
    const { baselines } = scoreHorizon(made, "1h");
    expect(baselines.nothing.difference).toMatchObject({ graded: 40, mean_bps: 15 });
    expect(baselines.fade.difference).toMatchObject({ graded: 40, mean_bps: (30 * 15 - 10 * 5) / 40 });
    expect(baselines.follow.difference.mean_bps).toBe((30 * 45 + 10 * 25) / 40);
    // The other two have no trade in the place of NOTHING.
    expect(baselines.random.difference).toMatchObject({ graded: 30, mean_bps: 30 });
    expect(baselines.coin.difference).toMatchObject({ graded: 30, mean_bps: 32 });
    const { low, high, mean_bps: mean } = baselines.fade.difference;
    expect(low).toBeLessThan(mean ?? 0);
    expect(high).toBeGreaterThan(mean ?? 0);
  });

  test("are paired: what both earned has no share in the width of the interval", () => {
    const made = apart(40, (index) => decision(index % 2 === 0 ? 500 : -500, { fade_net_return_bps: (index % 2 === 0 ? 500 : -500) - 7 }));
    const { difference } = scoreHorizon(made, "1h").baselines.fade;
    expect(difference.mean_bps).toBeCloseTo(7, 9);
    expect((difference.high ?? 0) - (difference.low ?? 0)).toBeLessThan(1e-6);
  });

  test("the coin earns minus the cost, and hits in half of the moves larger than it", () => {
    const made = apart(20, (index) => decision(index < 10 ? 5 : 50, { forward_return_bps: index < 10 ? -12 : 62, cost_bps: 12 }));
    const { coin } = scoreHorizon(made, "1h").baselines;
    expect(coin).toMatchObject({ graded: 20, mean_net_return_bps: -12, hit_rate: 0.25 });
  });

  test("the rule model earns 0 where it decides NOTHING, and is unknown where it was not graded", () => {
    const made = [
      ...apart(20, () => decision(20, { rule_action: "SELL", rule_net_return_bps: -44 })),
      ...apart(20, () => decision(20, { rule_action: "NOTHING" })),
      ...apart(5, () => decision(20, { rule_action: "BUY", rule_net_return_bps: null })),
    ];
    const { rule } = scoreHorizon(made, "1h").baselines;
    expect(rule).toMatchObject({ graded: 20, mean_net_return_bps: -44, hit_rate: 0 });
    expect(rule.difference).toMatchObject({ graded: 40, mean_bps: (20 * 64 + 20 * 20) / 40 });
  });

  test("random times hit as often as their draws", () => {
    const { random } = scoreHorizon(
      daily(20, () => decision(20)),
      "1h",
    ).baselines;
    expect(random.hit_rate).toBeCloseTo(0.4, 12);
  });

  test("of grades from before their cost was measured take 10 bps and one random time", () => {
    const former = { cost_bps: null, funding_bps: null, random_hit_rate: null, forward_return_bps: 11 };
    const { baselines } = scoreHorizon(
      daily(20, (index) => decision(1, { ...former, random_net_return_bps: index < 5 ? 3 : -3 })),
      "1h",
    );
    expect(baselines.coin).toMatchObject({ mean_net_return_bps: -10, hit_rate: 0.5 });
    expect(baselines.random).toMatchObject({ hit_rate: 0.25, mean_net_return_bps: -1.5 });
    for (const name of BASELINES) expect(baselines[name].difference.graded).toBe(20);
  });
});
