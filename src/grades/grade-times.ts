import { DAY_MS, HOUR_MS, MINUTE_MS, ceilTo } from "../windows/calendar.ts";

/** Time between entry and grading, ms. */
export const HORIZONS = {
  "5m": 5 * MINUTE_MS,
  "15m": 15 * MINUTE_MS,
  "1h": HOUR_MS,
  "4h": 4 * HOUR_MS,
  "24h": DAY_MS,
} as const;
export type Horizon = keyof typeof HORIZONS;
export const HORIZON_NAMES = Object.keys(HORIZONS) as readonly Horizon[];

/** The horizon that confidence refers to. */
export const HEADLINE_HORIZON: Horizon = "1h";

/** The marks of a minute are stored about a minute after it ends, those of some venues perhaps later. */
const MARKS_STORED_MS = 3 * MINUTE_MS;

/** When a decision was made, and the scheduled minute whose data it saw, ms. */
export interface DecisionTime {
  readonly created_time: number;
  readonly minute: number;
}

/**
 * Earliest start of the entry minute: a decision cannot trade at an earlier mark, nor at one from before its input where
 * the clock ran back in between.
 */
export function entryMinute({ created_time, minute }: DecisionTime): number {
  return ceilTo(Math.max(created_time, minute), MINUTE_MS);
}

export function dueTime(decision: DecisionTime, horizon: Horizon): number {
  return entryMinute(decision) + HORIZONS[horizon] + MARKS_STORED_MS;
}
