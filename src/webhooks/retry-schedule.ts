const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Waits between the attempts, ms: the first is at once, the eleventh never comes. */
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
/** The jitter added to a wait, as a share of it: what failed together should not come back together. */
const JITTER = 0.1;
/** A receiver may ask for less than a wait of the schedule, but not for less or more than this. */
const SHORTEST_ASKED_MS = SECOND_MS;
const LONGEST_ASKED_MS = 24 * HOUR_MS;

/**
 * How long to wait before the next attempt, ms; null where there is none left.
 * @param attempts made so far, at least 1
 * @param askedMs what the receiver asked for with `Retry-After`, null where it did not
 * @param random uniform in [0, 1)
 */
export function nextWait(attempts: number, askedMs: number | null, random: () => number): number | null {
  const scheduled = WAITS_MS[attempts - 1];
  if (scheduled === undefined) return null;
  if (askedMs !== null) return Math.min(Math.max(askedMs, SHORTEST_ASKED_MS), LONGEST_ASKED_MS);
  return Math.round(scheduled * (1 + JITTER * random()));
}
