/** A stated probability, and whether it came true. */
export interface Forecast {
  /** 0 to 1. */
  readonly probability: number;
  readonly hit: boolean;
}

/** Mean squared error of probabilities (Brier 1950); null without any. */
export function brierScore(forecasts: readonly Forecast[]): number | null {
  return mean(forecasts.map(({ probability, hit }) => (probability - (hit ? 1 : 0)) ** 2));
}

/**
 * 1 − Brier score ÷ Brier score of a constant forecast of the hit rate: above 0 the forecasts carry information. Null
 * without forecasts, and where all or none came true, because nothing could be known better then.
 */
export function brierSkill(forecasts: readonly Forecast[]): number | null {
  const score = brierScore(forecasts);
  const rate = mean(forecasts.map(({ hit }) => (hit ? 1 : 0)));
  if (score === null || rate === null || rate === 0 || rate === 1) return null;
  return 1 - score / (rate * (1 - rate));
}

export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2;
}
