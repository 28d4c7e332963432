/** No store or receiver may make us wait longer than this, whatever its `Retry-After` says: it may have recovered long before. */
export const MAX_WAIT_MS = 300_000;

/** Capped exponential back-off with full jitter: a random wait between 0 and min(cap, base · 2^(failures − 1)). */
export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/**
 * @param failures number of consecutive failures, at least 1
 * @param random uniform in [0, 1)
 * @returns the wait before the next attempt, ms
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function fullJitter(failures: number, backoff: Backoff, random: () => number): number {
  const ceiling = Math.min(backoff.capMs, backoff.baseMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(random() * ceiling);
}
