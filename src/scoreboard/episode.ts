import { HOUR_MS } from "../windows/calendar.ts";

/** Decisions of the same 4 hours are one episode, whatever their symbol: they trade the same move of the market. */
export const EPISODE_MS = 4 * HOUR_MS;

/** The number of the episode of a time, from 1970 on. */
export function episodeOf(time: number): number {
  return Math.floor(time / EPISODE_MS);
}
