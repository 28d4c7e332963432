import { HOUR_MS, floorTo } from "../../windows/calendar.ts";
import type { TimeRange } from "../../windows/range-parts.ts";

/** Decisions within the same four hours, of any symbol, answer to the same market and count as one. */
export const EPISODE_MS = 4 * HOUR_MS;

/** A return, and when its trade was entered. */
export interface TimedReturn {
  readonly time: number;
  readonly bps: number;
}

/** The length of an episode, so that a trade ends in its own or the next one, ms. */
export function episodeLength(horizonMs: number): number {
  return Math.max(EPISODE_MS, horizonMs);
}

/**
 * The return of each episode of a range: the mean of the trades that were entered in it, which share the stake, and 0
 * without one. Episodes are cut by the UTC clock; the first and the last may be shorter.
 */
export function episodeReturns(returns: readonly TimedReturn[], { start, end }: TimeRange, length: number): readonly number[] {
  const first = floorTo(start, length);
  const sums = Array.from({ length: Math.ceil((end - first) / length) }, () => ({ sum: 0, count: 0 }));
  for (const { time, bps } of returns) {
    // A decision of the last minutes is entered after the range.
    const episode = sums[Math.min(Math.floor((time - first) / length), sums.length - 1)];
    if (episode === undefined) continue;
    episode.sum += bps;
    episode.count += 1;
  }
  return sums.map(({ sum, count }) => (count === 0 ? 0 : sum / count));
}
