import { type Forecast, brierScore, brierSkill, mean, median, wilsonInterval } from "./scores.ts";
import type { Horizon } from "./grade.ts";
import type { Action } from "./verdict.ts";

/** With fewer graded decisions than this, no figures are shown. */
export const MIN_SHOWN = 20;
const BUCKET = 10;

/** A decision and its outcome over one horizon. */
export interface GradedDecision {
  readonly horizon: Horizon;
  readonly action: Action;
  readonly confidence: number;
  readonly calibrated_probability: number | null;
  readonly net_return_bps: number | null;
  readonly random_net_return_bps: number | null;
  readonly fade_net_return_bps: number | null;
  readonly follow_net_return_bps: number | null;
}

/** Returns after cost. With fewer than 20 graded decisions the verdict is `insufficient` and every figure is null. */
export interface ReturnScore {
  readonly verdict: "sufficient" | "insufficient";
  readonly graded: number;
  /**
   * Share of decisions that earned more than their cost, and its 95 % interval, which assumes independent decisions.
   */
  readonly hit_rate: number | null;
  readonly hit_rate_low: number | null;
  readonly hit_rate_high: number | null;
  readonly mean_net_return_bps: number | null;
  readonly median_net_return_bps: number | null;
}

export interface ReliabilityBucket {
  /** Range of confidence: from (inclusive) to (exclusive, except 100). */
  readonly from: number;
  readonly to: number;
  readonly graded: number;
  readonly mean_confidence: number;
  readonly hit_rate: number;
  readonly hit_rate_low: number;
  readonly hit_rate_high: number;
}

export interface HorizonScore extends ReturnScore {
  readonly brier_score: number | null;
  readonly brier_skill: number | null;
  readonly reliability: readonly ReliabilityBucket[];
  /**
   * `random`: the same actions at earlier random times. `fade` and `follow`: trading every decision's spike, including
   * NOTHING.
   */
  readonly baselines: Readonly<Record<"nothing" | "random" | "fade" | "follow", ReturnScore>>;
}

/** The outcomes of the decisions of one horizon. */
export function scoreHorizon(decisions: readonly GradedDecision[]): HorizonScore {
  const trades = decisions.filter((decision) => decision.net_return_bps !== null);
  const score = scoreReturns(known(trades.map((trade) => trade.net_return_bps)));
  const shown = score.verdict === "sufficient";
  const forecasts = trades.map(forecastOf);
  return {
    ...score,
    brier_score: shown ? brierScore(forecasts) : null,
    brier_skill: shown ? brierSkill(forecasts) : null,
    reliability: shown ? reliability(trades) : [],
    baselines: {
      nothing: scoreNothing(decisions.length),
      random: scoreReturns(known(trades.map((trade) => trade.random_net_return_bps))),
      fade: scoreReturns(known(decisions.map((decision) => decision.fade_net_return_bps))),
      follow: scoreReturns(known(decisions.map((decision) => decision.follow_net_return_bps))),
    },
  };
}

function scoreReturns(returns: readonly number[]): ReturnScore {
  const graded = returns.length;
  if (graded < MIN_SHOWN) return { ...UNKNOWN_SCORE, graded };
  const hits = returns.filter((value) => value > 0).length;
  const interval = wilsonInterval(hits, graded);
  return {
    verdict: "sufficient",
    graded,
    hit_rate: hits / graded,
    hit_rate_low: interval?.low ?? null,
    hit_rate_high: interval?.high ?? null,
    mean_net_return_bps: mean(returns),
    median_net_return_bps: median(returns),
  };
}

const UNKNOWN_SCORE = {
  verdict: "insufficient",
  hit_rate: null,
  hit_rate_low: null,
  hit_rate_high: null,
  mean_net_return_bps: null,
  median_net_return_bps: null,
} as const;

/** A strategy that never trades neither hits nor misses, and earns nothing. */
function scoreNothing(graded: number): ReturnScore {
  const score = { ...UNKNOWN_SCORE, graded };
  return graded < MIN_SHOWN ? score : { ...score, verdict: "sufficient", mean_net_return_bps: 0, median_net_return_bps: 0 };
}

function reliability(trades: readonly GradedDecision[]): readonly ReliabilityBucket[] {
  const buckets = Map.groupBy(trades, ({ confidence }) => Math.min(100 - BUCKET, Math.floor(confidence / BUCKET) * BUCKET));
  return [...buckets]
    .toSorted(([a], [b]) => a - b)
    .map(([from, members]) => {
      const hits = members.filter((trade) => forecastOf(trade).hit).length;
      const interval = wilsonInterval(hits, members.length);
      return {
        from,
        to: from + BUCKET,
        graded: members.length,
        mean_confidence: mean(members.map((trade) => trade.confidence)) ?? 0,
        hit_rate: hits / members.length,
        hit_rate_low: interval?.low ?? 0,
        hit_rate_high: interval?.high ?? 1,
      };
    });
}

function forecastOf({ confidence, calibrated_probability, net_return_bps }: GradedDecision): Forecast {
  return { probability: calibrated_probability ?? confidence / 100, hit: (net_return_bps ?? 0) > 0 };
}

function known(values: readonly (number | null)[]): readonly number[] {
  return values.filter((value) => value !== null);
}
