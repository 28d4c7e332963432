import { MAX_WAIT_MS } from "../backoff.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Waits between attempts, ms. The first attempt is immediate, and there is no eleventh. */
const WAITS_MS: readonly number[] = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

export const MAX_ATTEMPTS = WAITS_MS.length + 1;
/** Jitter as a share of the wait, so that deliveries that failed together are not retried together. */
const JITTER = 0.1;
const MIN_ASKED_MS = SECOND_MS;

/**
 * The wait before the next attempt, ms; null where no attempt is left. A receiver may ask for a shorter wait than the
 * schedule's, or for up to five minutes where that is longer.
 * @param attempts number of attempts so far, at least 1
 * @param askedMs the receiver's `Retry-After`, null where it sent none
 * @param random uniform in [0, 1)
 */
export function nextWait(attempts: number, askedMs: number | null, random: () => number): number | null {
  const scheduled = WAITS_MS[attempts - 1];
  if (scheduled === undefined) return null;
  if (askedMs !== null) return Math.min(Math.max(askedMs, MIN_ASKED_MS), Math.max(scheduled, MAX_WAIT_MS));
  return Math.round(scheduled * (1 + JITTER * random()));
}
