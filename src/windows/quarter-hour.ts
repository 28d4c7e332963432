import { DAY_MS, MINUTE_MS } from "./calendar.ts";

/** The history consists of quarter-hours: every standard window is a whole number of them. */
export const QUARTER_HOUR_MS = 15 * MINUTE_MS;
export const QUARTER_HOURS_PER_DAY = DAY_MS / QUARTER_HOUR_MS;

/** The USD liquidated in the quarter-hour that starts at `start`, ms. */
export interface QuarterHour {
  readonly start: number;
  readonly long: number;
  readonly short: number;
  /** Share of venue time that was connected, weighed by the venues' USD. */
  readonly uptime: number;
}
