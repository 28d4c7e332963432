import type { TimeRange } from "../../windows/range-parts.ts";
import { type DeflatedSharpe, deflatedSharpe } from "./deflated-sharpe.ts";
import { type TimedReturn, episodeReturns } from "./episodes.ts";
import { meanOf, sharpeRatio } from "./moments.ts";
import { type OverfittingProbability, overfittingProbability } from "./overfitting-probability.ts";
import { type WalkForward, walkForward } from "./walk-forward.ts";

/** A combination of settings, and the net returns of its trades. */
export interface Trial {
  readonly name: string;
  readonly returns: readonly TimedReturn[];
}

export interface TrialFigures {
  readonly name: string;
  readonly trades: number;
  readonly mean_net_return_bps: number | null;
  /** Per episode, those without a trade at zero. */
  readonly sharpe: number | null;
}

export interface GridPerformance {
  readonly episode_ms: number;
  readonly episodes: number;
  /** In the order of the grid. */
  readonly trials: readonly TrialFigures[];
  /** The name of the trial with the best Sharpe ratio; null where none has one. */
  readonly best: string | null;
  readonly deflated: DeflatedSharpe | null;
  readonly overfitting: OverfittingProbability | null;
  readonly walk_forward: (WalkForward & { readonly chosen: readonly string[] }) | null;
}

/**
 * What is left of the best of several trials after the choice among them.
 * @param length of an episode, ms: at least the longest horizon of the trials, so that one episode is embargo enough
 */
export function gridPerformance(trials: readonly Trial[], judged: TimeRange, length: number): GridPerformance {
  const matrix = trials.map(({ returns }) => episodeReturns(returns, judged, length));
  const deflated = deflatedSharpe(matrix);
  const walk = walkForward(matrix, 1);
  const nameOf = (index: number) => trials[index]?.name ?? "";
  return {
    episode_ms: length,
    episodes: matrix[0]?.length ?? 0,
    trials: trials.map(({ name, returns }, index) => ({
      name,
      trades: returns.length,
      mean_net_return_bps: meanOf(returns.map(({ bps }) => bps)),
      sharpe: sharpeRatio(matrix[index] ?? []),
    })),
    best: deflated === null ? null : nameOf(deflated.best),
    deflated,
    overfitting: overfittingProbability(matrix),
    walk_forward: walk === null ? null : { ...walk, chosen: walk.folds.map(({ trial }) => nameOf(trial)) },
  };
}
