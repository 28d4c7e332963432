/** So many liquidations of the mean size and spread of all stand beside those of a part, so that a few similar ones prove little. */
const PRIOR = 3;
/** Sizes vary at least this much, as the variance of their logarithms. */
const MIN_VARIANCE = 0.25;

/** Sizes of liquidations as log-normal variables, for any part of a run of them at once: sums over the first so many. */
export class LogSizes {
  readonly #known: Float64Array;
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;
  readonly #variance: number;

  /** @param sizes USD; 0 where unknown, which does not count */
  constructor(sizes: readonly number[]) {
    const logs = sizes.map((usd) => (usd > 0 ? Math.log(usd) : Number.NaN));
    const known = logs.filter((log) => !Number.isNaN(log));
    const mean = known.reduce((sum, log) => sum + log, 0) / Math.max(1, known.length);
    this.#known = new Float64Array(sizes.length + 1);
    this.#sums = new Float64Array(sizes.length + 1);
    this.#squares = new Float64Array(sizes.length + 1);
    for (const [index, log] of logs.entries()) {
      // About the mean of all, so that the sums of squares lose no digits.
      const [count, size] = Number.isNaN(log) ? [0, 0] : [1, log - mean];
      this.#known[index + 1] = (this.#known[index] ?? 0) + count;
      this.#sums[index + 1] = (this.#sums[index] ?? 0) + size;
      this.#squares[index + 1] = (this.#squares[index] ?? 0) + size ** 2;
    }
    this.#variance = Math.max(MIN_VARIANCE, (this.#squares.at(-1) ?? 0) / Math.max(1, known.length));
  }

  /** Mean of the part from one index up to another, relative to that of all. */
  mean(start: number, end: number): number {
    return within(this.#sums, start, end) / (within(this.#known, start, end) + PRIOR);
  }

  /** Log-likelihood of the sizes of the part under their own mean and variance, except for a constant. */
  likelihood(start: number, end: number): number {
    const count = within(this.#known, start, end);
    const mean = this.mean(start, end);
    const spread = within(this.#squares, start, end) - 2 * mean * within(this.#sums, start, end) + count * mean ** 2;
    const variance = Math.max(MIN_VARIANCE, (spread + PRIOR * this.#variance) / (count + PRIOR));
    return -(count / 2) * Math.log(variance) - spread / (2 * variance);
  }
}

function within(sums: Float64Array, start: number, end: number): number {
  return (sums[end] ?? 0) - (sums[start] ?? 0);
}
