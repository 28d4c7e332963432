import { DAY_MS, HOUR_MS, floorTo } from "./calendar.ts";
import { RANKED_AGAINST_MS } from "./percentile.ts";
import { LONGEST_WINDOW_MS } from "./window.ts";

/** How long D1 and a replay keep what windows are made from, ms: all of it follows from the longest window. */

/** The longest window and the one before it. */
const COMPARED_MS = 2 * LONGEST_WINDOW_MS;

/** What ranking the longest window reads. */
export const HISTORY_MS = RANKED_AGAINST_MS + COMPARED_MS;

/** Quarter-hours are kept for that, and a day on top, since they are stored by the day. */
export const QUARTER_HOURS_KEPT_MS = HISTORY_MS + DAY_MS;

/** Quarter-hours this old are computed once more with each new one, for events that came late. */
export const QUARTER_HOURS_CORRECTED_MS = 2 * HOUR_MS;

/** Minutes are summed into quarter-hours that windows are ranked against, and into windows; a day on top for late runs. */
export const MINUTES_KEPT_MS = Math.max(RANKED_AGAINST_MS, COMPARED_MS) + DAY_MS;

/** A replay has its quarter-hours at once, so its minutes serve the windows alone; a day on top. */
export const REPLAYED_MINUTES_KEPT_MS = COMPARED_MS + DAY_MS;

/** Hours of a year, and a month on top so that this month can be compared with the same month a year ago. */
export const HOURS_KEPT_MS = 400 * DAY_MS;

/** Events stay this much longer than promised: the edges of the longest window and a run that comes late need them. */
export const EVENTS_MARGIN_MS = HOUR_MS;

/** The start of the first day whose quarter-hours are read for windows up to `longestMs` long that end by `time`. */
export function historyFrom(longestMs: number, time: number): number {
  return floorTo(time - RANKED_AGAINST_MS - 2 * longestMs, DAY_MS);
}
