import { mean } from "../scoreboard/scores.ts";

/** What the model says of the price one hour after the entry. */
export interface PriceForecast {
  /** Probability that it is higher by more than the cost, 0 to 1. */
  readonly p_up: number;
  /** Probability that it is lower by more than the cost. */
  readonly p_down: number;
  readonly reason: string;
  /** The condition that would prove the forecast wrong; it is not asked for, but kept where the model names one. */
  readonly invalidation: string | null;
}

/** The forecast of several samples of the model. */
export interface SampledForecast extends PriceForecast {
  /** Standard deviation over the samples; null of a single one. */
  readonly p_up_deviation: number | null;
  readonly p_down_deviation: number | null;
}

/** Digits that a mean of stated probabilities is worth. */
const DIGITS = 1e4;

/**
 * The mean of some samples, with the words of the one nearest to it.
 * @returns null without samples
 */
export function meanForecast(samples: readonly PriceForecast[]): SampledForecast | null {
  const up = mean(samples.map((sample) => sample.p_up));
  const down = mean(samples.map((sample) => sample.p_down));
  if (up === null || down === null) return null;
  const distance = (sample: PriceForecast) => Math.abs(sample.p_up - up) + Math.abs(sample.p_down - down);
  const nearest = samples.reduce((best, sample) => (distance(sample) < distance(best) ? sample : best));
  return {
    ...nearest,
    p_up: rounded(up),
    p_down: rounded(down),
    p_up_deviation: deviation(samples.map((sample) => sample.p_up)),
    p_down_deviation: deviation(samples.map((sample) => sample.p_down)),
  };
}

function deviation(values: readonly number[]): number | null {
  const middle = mean(values);
  if (middle === null || values.length < 2) return null;
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return rounded(Math.sqrt(squares / (values.length - 1)));
}

function rounded(value: number): number {
  return Math.round(value * DIGITS) / DIGITS;
}
