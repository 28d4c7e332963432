import { bestOf } from "./deflated-sharpe.ts";
import { meanOf, sharpeRatio } from "./moments.ts";

/** The first fold is chosen on a third of the observations. */
const FOLDS = 4;
const FIRST_SHARE = 1 / 3;

export interface WalkForwardFold {
  /** The observations that the trial was chosen on are those before `chosenUntil`, and it was then followed over `[start, end)`. */
  readonly chosenUntil: number;
  readonly start: number;
  readonly end: number;
  /** Index of the trial. */
  readonly trial: number;
  readonly inSample: number;
  /** Null where the trial did nothing, or the same in every observation. */
  readonly outOfSample: number | null;
  readonly mean: number;
}

export interface WalkForward {
  readonly folds: readonly WalkForwardFold[];
  /** Of all folds together, which nobody could have chosen better at the time. */
  readonly sharpe: number | null;
  readonly mean: number;
  readonly n: number;
}

/**
 * Chooses the trial with the best Sharpe ratio on all observations so far and follows it over the next fold, four times. The
 * observations right before a fold are left out of the choice where their trades may end inside it.
 * @param trials the returns of each trial over the same observations, in order of time
 * @param embargo number of observations that are left out before a fold
 * @returns null with fewer than two trials or too few observations
 */
export function walkForward(trials: readonly (readonly number[])[], embargo: number): WalkForward | null {
  const observations = trials[0]?.length ?? 0;
  const first = Math.ceil(observations * FIRST_SHARE);
  if (trials.length < 2 || first - embargo < 4 || observations - first < FOLDS) return null;
  const folds = Array.from({ length: FOLDS }, (_, fold) => {
    const start = first + Math.floor((fold * (observations - first)) / FOLDS);
    const end = first + Math.floor(((fold + 1) * (observations - first)) / FOLDS);
    return foldOf(trials, start - embargo, start, end);
  });
  const followed = folds.flatMap(({ trial, start, end }) => trials[trial]?.slice(start, end) ?? []);
  return { folds, sharpe: sharpeRatio(followed), mean: meanOf(followed) ?? 0, n: followed.length };
}

function foldOf(trials: readonly (readonly number[])[], chosenUntil: number, start: number, end: number): WalkForwardFold {
  const sharpes = trials.map((returns) => sharpeRatio(returns.slice(0, chosenUntil)) ?? 0);
  const trial = bestOf(sharpes);
  const followed = trials[trial]?.slice(start, end) ?? [];
  return {
    chosenUntil,
    start,
    end,
    trial,
    inSample: sharpes[trial] ?? 0,
    outOfSample: sharpeRatio(followed),
    mean: meanOf(followed) ?? 0,
  };
}
