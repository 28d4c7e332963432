/** An estimate and its 95 % interval. */
export interface Estimated {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

const Z95 = 1.96;

/**
 * The 2.5 % and 97.5 % quantiles of draws around an estimate, widened by a correction's own size as one more standard error.
 * Never under 0.
 */
export function estimated(estimate: number, draws: readonly number[], correction: number): Estimated {
  const sorted = draws.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? estimate;
  const reach = (quantile: number) => Math.hypot(quantile, Z95 * correction);
  return {
    estimate,
    low: Math.max(0, estimate - reach(Math.max(0, estimate - at(0.025)))),
    high: estimate + reach(Math.max(0, at(0.975) - estimate)),
  };
}
