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

/** 97.5 % quantile of the normal distribution: 95 % lie within it on both sides. */
const Z95 = 1.959963984540054;

/** The 95 % interval of a rate (Wilson 1927), which assumes independent trials; null without trials. */
export function wilsonInterval(hits: number, trials: number): { readonly low: number; readonly high: number } | null {
  if (trials === 0) return null;
  const rate = hits / trials;
  const z2 = Z95 ** 2 / trials;
  const centre = (rate + z2 / 2) / (1 + z2);
  const half = (Z95 / (1 + z2)) * Math.sqrt((rate * (1 - rate)) / trials + z2 / (4 * trials));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
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
