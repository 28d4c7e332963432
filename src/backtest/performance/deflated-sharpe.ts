import { type Moments, momentsOf, sharpeRatio } from "./moments.ts";
import { normalCdf, normalQuantile } from "./normal.ts";

/** Euler–Mascheroni constant. */
const GAMMA = 0.577_215_664_901_532_9;

/**
 * The probability that the true Sharpe ratio is above a benchmark, given the length of the sample, its skewness and its
 * kurtosis: the probabilistic Sharpe ratio (Bailey and López de Prado 2012, "The Sharpe Ratio Efficient Frontier").
 */
export function probabilisticSharpe({ n, mean, deviation, skewness, kurtosis }: Moments, benchmark: number): number {
  const sharpe = mean / deviation;
  // A sample of few extreme values can have moments under which the variance of its Sharpe ratio is not positive.
  const variance = Math.max(1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe ** 2, Number.EPSILON);
  return normalCdf(((sharpe - benchmark) * Math.sqrt(n - 1)) / Math.sqrt(variance));
}

/**
 * The Sharpe ratio expected of the best of several trials without any skill: trials are taken as independent and their
 * Sharpe ratios as normal with this variance.
 */
export function expectedBestSharpe(trials: number, variance: number): number {
  if (trials < 2) return 0;
  const best = (1 - GAMMA) * normalQuantile(1 - 1 / trials) + GAMMA * normalQuantile(1 - 1 / (trials * Math.E));
  return Math.sqrt(variance) * best;
}

export interface DeflatedSharpe {
  /** Sharpe ratio of the best trial, per observation. */
  readonly sharpe: number;
  /** Number of observations. */
  readonly n: number;
  readonly trials: number;
  /** What the best of so many trials would have had without skill. */
  readonly expected: number;
  /** The probability that the best trial's true Sharpe ratio is above zero, after the choice among the trials. */
  readonly probability: number;
}

/**
 * The deflated Sharpe ratio of the best of several trials (Bailey and López de Prado 2014, "The Deflated Sharpe Ratio"): its
 * probabilistic Sharpe ratio against what the best of as many unskilled trials is expected to have. Trials that resemble
 * each other count as if they were independent, which errs on the strict side; a trial without a return counts as one with
 * Sharpe ratio zero, because it was tried.
 * @param trials the returns of each trial over the same observations
 * @returns the index of the best and its figures; null where no trial has a Sharpe ratio
 */
export function deflatedSharpe(trials: readonly (readonly number[])[]): (DeflatedSharpe & { readonly best: number }) | null {
  const sharpes = trials.map((returns) => sharpeRatio(returns) ?? 0);
  const best = bestOf(sharpes);
  const moments = momentsOf(trials[best] ?? []);
  if (moments === null) return null;
  const deviation = momentsOf(sharpes)?.deviation ?? 0;
  const expected = expectedBestSharpe(trials.length, deviation ** 2);
  return {
    best,
    sharpe: moments.mean / moments.deviation,
    n: moments.n,
    trials: trials.length,
    expected,
    probability: probabilisticSharpe(moments, expected),
  };
}

/** The index of the largest value, of equal ones the first. */
export function bestOf(values: readonly number[]): number {
  return values.reduce((best, value, index) => (value > (values[best] ?? -Infinity) ? index : best), 0);
}
