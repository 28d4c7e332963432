import { DAY_MS } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import { utcDate } from "../batch-object.ts";

/**
 * A part of a range: one day with files or batches, or several days without any. A stored day is `partial` if the day
 * before it is not stored, because the bucket may have begun, or begun again, during that day.
 */
export interface Stretch extends TimeRange {
  readonly kind: "stored" | "partial" | "elsewhere";
}

/**
 * The stretch of a range that begins at `from`.
 * @param dates UTC dates with files or batches, oldest first
 */
export function stretchFrom(from: number, end: number, dates: readonly string[]): Stretch {
  const date = utcDate(from);
  if (dates.includes(date)) {
    const kind = dates.includes(utcDate(Date.parse(date) - DAY_MS)) ? "stored" : "partial";
    return { kind, start: from, end: Math.min(end, Date.parse(date) + DAY_MS) };
  }
  const next = dates.find((other) => other > date);
  return { kind: "elsewhere", start: from, end: next === undefined ? end : Math.min(end, Date.parse(next)) };
}

/** Cuts a range into its stretches. */
export function stretchesOf({ start, end }: TimeRange, dates: readonly string[]): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (let from = start; from < end; from = stretches.at(-1)?.end ?? end) stretches.push(stretchFrom(from, end, dates));
  return stretches;
}
