import { MINUTE_MS } from "../windows/calendar.ts";

/** Missed minutes are caught up to this age. */
const MAX_MISSED = 15;

/**
 * The minutes that a run has to process, oldest first: its own and those missed before it. Empty where its own is done.
 * @param last the last processed minute, ms; null where there is none
 * @param scheduled the minute of the run, ms
 */
export function minutesToRun(last: number | null, scheduled: number): readonly number[] {
  if (last !== null && last >= scheduled) return [];
  const first = last === null ? scheduled : Math.max(last + MINUTE_MS, scheduled - MAX_MISSED * MINUTE_MS);
  return Array.from({ length: Math.round((scheduled - first) / MINUTE_MS) + 1 }, (_, index) => first + index * MINUTE_MS);
}
