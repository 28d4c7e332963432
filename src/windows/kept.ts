import { DAY_MS, HOUR_MS, floorTo } from "./calendar.ts";
import { RANKED_AGAINST_MS } from "./percentile.ts";
import { LONGEST_WINDOW_MS } from "./window.ts";

/** Retention of the data for windows in D1 and in a replay, ms: all of it follows from the longest window. */

/** The longest window and its previous one. */
const COMPARED_MS = 2 * LONGEST_WINDOW_MS;

/** The history for ranking the longest window. */
export const HISTORY_MS = RANKED_AGAINST_MS + COMPARED_MS;

/** Quarter-hours that no run has computed yet are computed from minutes up to this age. */
export const QUARTER_HOURS_FROM_MINUTES_MS = 7 * DAY_MS;

/** Retention of quarter-hours: that history and a day, because they are stored by day. */
export const QUARTER_HOURS_KEPT_MS = HISTORY_MS + DAY_MS;

/** Quarter-hours up to this age are recomputed with each new one, because events may arrive late. */
export const QUARTER_HOURS_CORRECTED_MS = 2 * HOUR_MS;

/**
 * Retention of minutes, which are summed into windows and into the quarter-hours that rank them; a day more for late
 * runs.
 */
export const MINUTES_KEPT_MS = Math.max(QUARTER_HOURS_FROM_MINUTES_MS, COMPARED_MS) + DAY_MS;

/** A replay computes its quarter-hours at once, so its minutes serve only the windows; a day more. */
export const REPLAYED_MINUTES_KEPT_MS = COMPARED_MS + DAY_MS;

/** Retention of hours: a year and a month, so that this month can be compared with the same month a year ago. */
export const HOURS_KEPT_MS = 400 * DAY_MS;

/**
 * Events are kept this much longer than configured, because the edges of the longest window and a late run need them.
 */
export const EVENTS_MARGIN_MS = HOUR_MS;

/** The start of the first day of quarter-hours for windows up to `longestMs` long that end by `time`. */
export function historyFrom(longestMs: number, time: number): number {
  return floorTo(time - RANKED_AGAINST_MS - 2 * longestMs, DAY_MS);
}
