import { z } from "zod";
import { EXCHANGES } from "../liquidation-fields.ts";
import type { MinuteMark } from "../minute-mark.ts";
import { MINUTE_MS } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";

const range = z.object({ start: z.int(), end: z.int() }).readonly();

const venueMarks = z
  .object({
    /** Number of minutes with a mark, by base asset. */
    minutes: z.record(z.string(), z.int()),
    /** The stretches in which each minute has a mark of at least one base asset, oldest first. */
    covered: z.array(range).readonly(),
  })
  .readonly();

/** What is known of consecutive minute marks. */
export const markSummary = z
  .object({
    rows: z.int(),
    first_minute: z.int().nullable(),
    last_minute: z.int().nullable(),
    exchanges: z.partialRecord(z.enum(EXCHANGES), venueMarks),
  })
  .readonly();

export type MarkSummary = z.output<typeof markSummary>;
type VenueMarks = z.output<typeof venueMarks>;

/** Summarizes marks, which must be in the order of their minutes. */
export function summarizeMarks(marks: readonly MinuteMark[]): MarkSummary {
  const byVenue = Map.groupBy(marks, ({ exchange }) => exchange);
  const exchanges = EXCHANGES.flatMap((exchange) => {
    const own = byVenue.get(exchange);
    return own === undefined ? [] : [[exchange, venueMarksOf(own)] as const];
  });
  return {
    rows: marks.length,
    first_minute: marks[0]?.minute ?? null,
    last_minute: marks.at(-1)?.minute ?? null,
    exchanges: Object.fromEntries(exchanges),
  };
}

function venueMarksOf(marks: readonly MinuteMark[]): VenueMarks {
  const minutes = new Map<string, number>();
  const covered: TimeRange[] = [];
  for (const { symbol, minute } of marks) {
    minutes.set(symbol, (minutes.get(symbol) ?? 0) + 1);
    extend(covered, { start: minute, end: minute + MINUTE_MS });
  }
  return { minutes: sorted(minutes), covered };
}

/** Combines the summaries of consecutive parts. */
export function addMarkSummaries(parts: readonly MarkSummary[]): MarkSummary {
  const filled = parts.filter(({ rows }) => rows > 0);
  const exchanges = EXCHANGES.flatMap((exchange) => {
    const own = filled.flatMap((part) => part.exchanges[exchange] ?? []);
    return own.length === 0 ? [] : [[exchange, addVenueMarks(own)] as const];
  });
  return {
    rows: filled.reduce((sum, { rows }) => sum + rows, 0),
    first_minute: filled[0]?.first_minute ?? null,
    last_minute: filled.at(-1)?.last_minute ?? null,
    exchanges: Object.fromEntries(exchanges),
  };
}

function addVenueMarks(parts: readonly VenueMarks[]): VenueMarks {
  const minutes = new Map<string, number>();
  const covered: TimeRange[] = [];
  for (const part of parts) {
    for (const [symbol, count] of Object.entries(part.minutes)) minutes.set(symbol, (minutes.get(symbol) ?? 0) + count);
    for (const stretch of part.covered) extend(covered, stretch);
  }
  return { minutes: sorted(minutes), covered };
}

/** Adds a range that begins no earlier than the last one. */
function extend(ranges: TimeRange[], next: TimeRange): void {
  const last = ranges.at(-1);
  if (last === undefined || next.start > last.end) ranges.push(next);
  else if (next.end > last.end) ranges[ranges.length - 1] = { start: last.start, end: next.end };
}

/** By name, so that the same marks give the same text. */
function sorted(minutes: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...minutes].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
