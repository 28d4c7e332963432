import { type Interval, blockLength, clusteredMean, meanInterval, rateInterval } from "./clustered-interval.ts";
import type { Horizon } from "../grades/grade.ts";
import { median } from "./scores.ts";

/** With fewer graded decisions than this, no figures are shown. */
export const MIN_SHOWN = 20;

/** The outcome of one decision, or of a baseline in its place. */
export interface Outcome {
  /** Number of its episode. */
  readonly episode: number;
  readonly net_return_bps: number;
  /** 1 where it earned more than its cost, 0 where not; between them for a baseline that is an average. */
  readonly hit: number;
}

/** Returns after cost. With fewer than 20 graded decisions the verdict is `insufficient` and every figure is null. */
export interface ReturnScore {
  readonly verdict: "sufficient" | "insufficient";
  readonly graded: number;
  /** Number of periods of 4 h with a graded decision. */
  readonly n_episodes: number;
  /** Number of independent decisions whose hit rate would be as certain. */
  readonly effective_n: number | null;
  /** Share of decisions that earned more than their cost, and its 95 % interval, clustered by episode. */
  readonly hit_rate: number | null;
  readonly hit_rate_low: number | null;
  readonly hit_rate_high: number | null;
  readonly mean_net_return_bps: number | null;
  readonly mean_net_return_low: number | null;
  readonly mean_net_return_high: number | null;
  readonly median_net_return_bps: number | null;
}

/** What the decisions earned more than a baseline, decision by decision. */
export interface Difference {
  /** Number of decisions of which both are known. */
  readonly graded: number;
  readonly n_episodes: number;
  readonly mean_bps: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export function scoreReturns(outcomes: readonly Outcome[], horizon: Horizon): ReturnScore {
  const length = blockLength(horizon);
  const graded = outcomes.length;
  const hits = clusteredMean(
    outcomes.map(({ episode, hit }) => ({ episode, value: hit })),
    length,
  );
  const returns = clusteredMean(
    outcomes.map(({ episode, net_return_bps: value }) => ({ episode, value })),
    length,
  );
  if (graded < MIN_SHOWN || hits === null || returns === null) return { ...UNKNOWN_SCORE, graded, n_episodes: hits?.episodes ?? 0 };
  const [rate, mean] = [rateInterval(hits), meanInterval(returns)];
  return {
    verdict: "sufficient",
    graded,
    n_episodes: hits.episodes,
    effective_n: hits.effective_n,
    hit_rate: hits.mean,
    hit_rate_low: rate?.low ?? null,
    hit_rate_high: rate?.high ?? null,
    mean_net_return_bps: returns.mean,
    mean_net_return_low: mean?.low ?? null,
    mean_net_return_high: mean?.high ?? null,
    median_net_return_bps: median(outcomes.map(({ net_return_bps }) => net_return_bps)),
  };
}

const UNKNOWN_SCORE = {
  verdict: "insufficient",
  effective_n: null,
  hit_rate: null,
  hit_rate_low: null,
  hit_rate_high: null,
  mean_net_return_bps: null,
  mean_net_return_low: null,
  mean_net_return_high: null,
  median_net_return_bps: null,
} as const;

/** A strategy that never trades neither hits nor misses, and earns nothing. */
export function scoreNothing({ graded, n_episodes }: Pick<Difference, "graded" | "n_episodes">): ReturnScore {
  const score = { ...UNKNOWN_SCORE, graded, n_episodes };
  if (graded < MIN_SHOWN) return score;
  return {
    ...score,
    verdict: "sufficient",
    mean_net_return_bps: 0,
    mean_net_return_low: 0,
    mean_net_return_high: 0,
    median_net_return_bps: 0,
  };
}

/** @param pairs the difference of each decision, bps */
export function scoreDifference(pairs: readonly { readonly episode: number; readonly value: number }[], horizon: Horizon): Difference {
  const found = clusteredMean(pairs, blockLength(horizon));
  if (found === null || found.decisions < MIN_SHOWN) {
    return { graded: pairs.length, n_episodes: found?.episodes ?? 0, mean_bps: null, low: null, high: null };
  }
  const interval: Interval | null = meanInterval(found);
  return {
    graded: found.decisions,
    n_episodes: found.episodes,
    mean_bps: found.mean,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
  };
}
