import { DAY_MS } from "../../src/windows/calendar.ts";

/** What a percentile over the last 7 days reads, and a day on top for runs that come late. */
export const MINUTES_KEPT_MS = 8 * DAY_MS;
/** A year of hours, and a month on top so that this month can be compared with the same month a year ago. */
export const HOURS_KEPT_MS = 400 * DAY_MS;
