/** Below this many USD, differences mean nothing: logarithms are taken of USD plus this. */
const SCALE_USD = 1_000;
/** The tail beyond the largest value continues as a Pareto tail fitted to this share of the values, at least so many. */
const TAIL_SHARE = 0.1;
const MIN_TAIL = 4;
/** A tail estimated from few values is never taken for thinner than this mean excess of the logarithm. */
const MIN_EXCESS = 0.2;

/**
 * The share of a distribution below a value, estimated from a sample: rank / (n + 1), linear in log USD between the values of
 * the sample. Beyond the largest one a Pareto tail goes on (mean excess of logarithms: Hill 1975, Ann. Statist. 3), so that a
 * small sample can tell twice its largest value from a hundred times.
 *
 * @param sorted ascending, not empty, USD
 */
export function logRank(sorted: readonly number[], usd: number): number {
  const size = sorted.length;
  const below = firstAtLeast(sorted, usd);
  const value = logOf(usd);
  if (below === size) {
    const excess = value - logOf(sorted[size - 1] ?? 0);
    return 1 - Math.exp(-excess / meanExcess(sorted)) / (size + 1);
  }
  const [left, right] = [logOf(below === 0 ? 0 : (sorted[below - 1] ?? 0)), logOf(sorted[below] ?? 0)];
  const between = right > left ? (value - left) / (right - left) : 1;
  return (below + Math.min(1, Math.max(0, between))) / (size + 1);
}

function meanExcess(sorted: readonly number[]): number {
  const count = Math.min(sorted.length - 1, Math.max(MIN_TAIL, Math.round(TAIL_SHARE * sorted.length)));
  if (count < 1) return 1;
  const threshold = logOf(sorted[sorted.length - 1 - count] ?? 0);
  const sum = sorted.slice(-count).reduce((total, usd) => total + logOf(usd) - threshold, 0);
  return Math.max(MIN_EXCESS, sum / count);
}

function logOf(usd: number): number {
  return Math.log(usd + SCALE_USD);
}

function firstAtLeast(sorted: readonly number[], wanted: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? Infinity) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
