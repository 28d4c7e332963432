import { z } from "zod";
import type { Liquidation } from "../liquidation.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import { DAY_MS, HOUR_MS } from "../windows/calendar.ts";

const HOURS = DAY_MS / HOUR_MS;

/** The number of rows of a UTC day by venue: all of them, and by hour those that a venue reported (not inferred). */
export const rowCounts = z.partialRecord(
  z.enum(EXCHANGES),
  z.object({ rows: z.int(), reported: z.array(z.int()).length(HOURS) }).readonly(),
);

export type RowCounts = z.output<typeof rowCounts>;

/** @param dayStart start of the day that all rows belong to, ms */
export function countRows(rows: readonly Pick<Liquidation, "event_time" | "exchange" | "coverage">[], dayStart: number): RowCounts {
  const counts = Array.from(
    Map.groupBy(rows, (row) => row.exchange),
    ([exchange, own]) => {
      const reported = Array.from({ length: HOURS }, () => 0);
      for (const { event_time, coverage } of own) {
        const hour = Math.floor((event_time - dayStart) / HOUR_MS);
        if (coverage !== "inferred") reported[hour] = (reported[hour] ?? 0) + 1;
      }
      return [exchange, { rows: own.length, reported }];
    },
  );
  return Object.fromEntries(counts) as RowCounts;
}

/** Adds the counts of separate parts of a day. */
export function addRowCounts(parts: readonly RowCounts[]): RowCounts {
  const sums = EXCHANGES.flatMap((exchange) => {
    const own = parts.flatMap((part) => part[exchange] ?? []);
    if (own.length === 0) return [];
    const reported = Array.from({ length: HOURS }, (_, hour) => own.reduce((sum, part) => sum + (part.reported[hour] ?? 0), 0));
    return [[exchange, { rows: own.reduce((sum, { rows }) => sum + rows, 0), reported }]];
  });
  return Object.fromEntries(sums) as RowCounts;
}
