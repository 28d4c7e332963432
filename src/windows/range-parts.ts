import { HOUR_MS, MINUTE_MS, ceilTo, floorTo } from "./calendar.ts";

/** A half-open range `[start, end)`, ms. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
}

/** A range and the source of its totals: the coarsest that fits exactly. */
export interface RangePart extends TimeRange {
  readonly from: "events" | "minutes" | "hours";
}

export interface RangeParts {
  /**
   * The range that the parts cover: the requested one, or less where an edge inside a minute lies before the hot
   * events.
   */
  readonly covered: TimeRange;
  /** Contiguous, in order, none empty. */
  readonly parts: readonly RangePart[];
}

/**
 * The part of a range that has totals.
 * @param eventsFrom events before this time may be deleted: an edge before it is cut to the next whole minute inside
 */
export function coveredRange(range: TimeRange, eventsFrom: number): TimeRange {
  const start = range.start < eventsFrom ? ceilTo(range.start, MINUTE_MS) : range.start;
  const end = range.end < eventsFrom ? floorTo(range.end, MINUTE_MS) : range.end;
  return { start, end: Math.max(start, end) };
}

/**
 * Splits a range so that its totals need no scan of days of minutes: whole hours from the hour totals, the remaining
 * whole minutes from the minute totals, and partial minutes at the edges from the events.
 *
 * @param eventsFrom as for `coveredRange`
 */
export function rangeParts(range: TimeRange, eventsFrom: number): RangeParts {
  const covered = coveredRange(range, eventsFrom);
  const { start, end } = covered;
  if (end === start) return { covered, parts: [] };
  const firstMinute = Math.min(ceilTo(start, MINUTE_MS), end);
  const lastMinute = Math.max(floorTo(end, MINUTE_MS), firstMinute);
  const hours = { start: ceilTo(firstMinute, HOUR_MS), end: floorTo(lastMinute, HOUR_MS) };
  const hasHours = hours.start < hours.end;
  const parts: readonly RangePart[] = [
    { from: "events", start, end: firstMinute },
    { from: "minutes", start: firstMinute, end: hasHours ? hours.start : lastMinute },
    { from: "hours", start: hours.start, end: hours.end },
    { from: "minutes", start: hasHours ? hours.end : lastMinute, end: lastMinute },
    { from: "events", start: lastMinute, end },
  ];
  return { covered, parts: parts.filter((part) => part.start < part.end) };
}
