/** The moments of a sample that the statistics of Sharpe ratios need. */
export interface Moments {
  readonly n: number;
  readonly mean: number;
  /** With n − 1. */
  readonly deviation: number;
  /** Third standardized moment; 0 for a symmetric sample. */
  readonly skewness: number;
  /** Fourth standardized moment; 3 for a normal one. */
  readonly kurtosis: number;
}

/** Null with fewer than two values, or where all are equal. */
export function momentsOf(values: readonly number[]): Moments | null {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const [second, third, fourth] = [2, 3, 4].map((power) => values.reduce((sum, value) => sum + (value - mean) ** power, 0) / n);
  if (n < 2 || second === undefined || third === undefined || fourth === undefined || second <= Number.EPSILON * mean * mean) return null;
  return {
    n,
    mean,
    deviation: Math.sqrt((second * n) / (n - 1)),
    skewness: third / second ** 1.5,
    kurtosis: fourth / second ** 2,
  };
}

/** Mean over standard deviation of the values themselves, not annualized; null where it is undefined. */
export function sharpeRatio(values: readonly number[]): number | null {
  const moments = momentsOf(values);
  return moments === null ? null : moments.mean / moments.deviation;
}

/** Null without values. */
export function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
