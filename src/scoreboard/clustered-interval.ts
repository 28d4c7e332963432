import { DAY_MS } from "../windows/calendar.ts";
import { EPISODE_MS } from "./episode.ts";
import { HORIZONS, type Horizon } from "../grades/grade.ts";
import { studentQuantile, studentTail } from "./student-t.ts";

/** A value of one decision: a return in bps, or 1 for a hit and 0 for none. */
export interface Observation {
  /** Number of the episode it belongs to. */
  readonly episode: number;
  readonly value: number;
}

/** A mean over decisions that depend on each other, and what is known of its error. */
export interface ClusteredMean {
  readonly mean: number;
  readonly decisions: number;
  /** Episodes with a decision. */
  readonly episodes: number;
  /** Number of independent decisions with the same standard error; at most `decisions`. */
  readonly effective_n: number;
  readonly standard_error: number;
  /** Number of blocks, counted as blocks of equal weight. */
  readonly blocks: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** With fewer blocks than this, their variance says nothing, and there is no interval. */
export const MIN_BLOCKS = 4;

/**
 * Length of the blocks, episodes: two days, because the rate of hits changes with the volatility from day to day, and at
 * least three horizons, because the paths of decisions less than one horizon apart overlap.
 */
export function blockLength(horizon: Horizon): number {
  return Math.max((2 * DAY_MS) / EPISODE_MS, Math.ceil((3 * HORIZONS[horizon]) / EPISODE_MS));
}

/**
 * The mean of values and its standard error by the moving block bootstrap (Künsch 1989, Annals of Statistics 17(3)), in
 * which blocks of consecutive episodes are drawn. Its variance after infinitely many draws has a closed form, so nothing is
 * drawn: each two episodes count by their distance, 1 in the same one and 0 from the length of a block on. It is raised by
 * B ÷ (B − 1) for B blocks, because the mean itself is estimated from them. Null without values.
 * @param length of a block, episodes
 */
export function clusteredMean(observations: readonly Observation[], length: number): ClusteredMean | null {
  const decisions = observations.length;
  if (decisions === 0) return null;
  const mean = observations.reduce((sum, { value }) => sum + value, 0) / decisions;
  const episodes = [...Map.groupBy(observations, ({ episode }) => episode)]
    .map(([episode, own]) => ({ episode, count: own.length, error: own.reduce((sum, { value }) => sum + value - mean, 0) }))
    .toSorted((a, b) => a.episode - b.episode);
  const blocks = decisions ** 2 / weightedPairs(episodes, length, ({ count }) => count);
  const squares =
    Math.max(
      0,
      weightedPairs(episodes, length, ({ error }) => error),
    ) * (blocks > 1 ? blocks / (blocks - 1) : 1);
  const standardError = Math.sqrt(squares) / decisions;
  const variance = observations.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / decisions;
  // Values that are all the same have no error to estimate, and say as much as their blocks.
  const effective = standardError === 0 ? blocks : Math.min(decisions, variance / standardError ** 2);
  return { mean, decisions, episodes: episodes.length, effective_n: effective, standard_error: standardError, blocks };
}

/** Sum over all pairs of episodes of the product of their values, weighted by their distance. */
function weightedPairs<E extends { readonly episode: number }>(episodes: readonly E[], length: number, of: (one: E) => number): number {
  let sum = 0;
  for (const [index, one] of episodes.entries()) {
    sum += of(one) ** 2;
    for (let next = index + 1; next < episodes.length; next += 1) {
      const other = episodes[next];
      if (other === undefined || other.episode - one.episode >= length) break;
      sum += 2 * (1 - (other.episode - one.episode) / length) * of(one) * of(other);
    }
  }
  return sum;
}

/**
 * The 95 % interval of a mean, by Student's t with one degree of freedom less than blocks, which allows for the error of the
 * standard error itself. Null with fewer than 4 blocks.
 */
export function meanInterval({ mean, standard_error: error, blocks }: ClusteredMean): Interval | null {
  if (blocks < MIN_BLOCKS) return null;
  const half = studentQuantile(0.05, blocks - 1) * error;
  return { low: mean - half, high: mean + half };
}

/** The two-sided p-value of the hypothesis that the true mean is 0, by the same distribution; null with too few blocks. */
export function zeroMeanPValue({ mean, standard_error: error, blocks }: ClusteredMean): number | null {
  return blocks < MIN_BLOCKS || error === 0 ? null : studentTail(mean / error, blocks - 1);
}

/**
 * The 95 % interval of a rate: Wilson's (1927) with the effective number of decisions in place of their number, and Student's
 * quantile in place of the normal one, after Korn & Graubard 1998, Survey Methodology 24(2). Null with fewer than 4 blocks.
 */
export function rateInterval({ mean: rate, effective_n: effective, blocks }: ClusteredMean): Interval | null {
  if (blocks < MIN_BLOCKS) return null;
  const z2 = studentQuantile(0.05, blocks - 1) ** 2 / effective;
  const centre = (rate + z2 / 2) / (1 + z2);
  const half = Math.sqrt(z2 * (rate * (1 - rate) + z2 / 4)) / (1 + z2);
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
