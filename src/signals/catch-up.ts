import { MINUTE_MS } from "../windows/calendar.ts";

/** Minutes that were missed are made up for as far back as this. */
const MAX_MISSED = 15;

/**
 * The minutes a run has to do, oldest first: its own and those missed before it. None where its own is done.
 * @param last the last minute done, ms; null where none is
 * @param scheduled the run's own minute, ms
 */
export function minutesToRun(last: number | null, scheduled: number): readonly number[] {
  if (last !== null && last >= scheduled) return [];
  const first = last === null ? scheduled : Math.max(last + MINUTE_MS, scheduled - MAX_MISSED * MINUTE_MS);
  return Array.from({ length: Math.round((scheduled - first) / MINUTE_MS) + 1 }, (_, index) => first + index * MINUTE_MS);
}
