import { z } from "zod";
import type { Liquidation } from "../liquidation.ts";
import { COVERAGES, EXCHANGES } from "../liquidation-fields.ts";

/** The rows of one venue, and the kinds of coverage in them. */
const venueRows = z
  .object({
    rows: z.int().meta({ description: "Number of rows of the venue.", examples: [18_204] }),
    coverage: z.array(z.enum(COVERAGES)).meta({ description: "Kinds of coverage in those rows.", examples: [["largest_per_second"]] }),
  })
  .readonly();

/** A summary of rows. */
export const rowsSummary = z
  .object({
    rows: z.int().meta({ description: "Number of rows.", examples: [18_204] }),
    first_event_time: z
      .int()
      .nullable()
      .meta({ description: "Time of the first event, milliseconds since 1970 UTC; null without rows.", examples: [1_795_132_801_204] }),
    last_event_time: z
      .int()
      .nullable()
      .meta({ description: "Time of the last event, milliseconds since 1970 UTC; null without rows.", examples: [1_795_219_198_077] }),
    exchanges: z.partialRecord(z.enum(EXCHANGES), venueRows).meta({ description: "Rows by venue." }),
  })
  .readonly();

export type RowsSummary = z.output<typeof rowsSummary>;

/** Summarizes rows, which must be in order of time. */
export function summarize(rows: readonly Pick<Liquidation, "event_time" | "exchange" | "coverage">[]): RowsSummary {
  const byVenue = Map.groupBy(rows, (row) => row.exchange);
  const exchanges = EXCHANGES.flatMap((name) => {
    const own = byVenue.get(name);
    return own === undefined ? [] : [[name, { rows: own.length, coverage: known(new Set(own.map((row) => row.coverage))) }]];
  });
  return {
    rows: rows.length,
    first_event_time: rows[0]?.event_time ?? null,
    last_event_time: rows.at(-1)?.event_time ?? null,
    exchanges: Object.fromEntries(exchanges),
  };
}

/** Combines the summaries of consecutive parts. */
export function addSummaries(parts: readonly RowsSummary[]): RowsSummary {
  const exchanges = EXCHANGES.flatMap((name) => {
    const own = parts.flatMap((part) => part.exchanges[name] ?? []);
    if (own.length === 0) return [];
    return [
      [name, { rows: own.reduce((sum, { rows }) => sum + rows, 0), coverage: known(new Set(own.flatMap(({ coverage }) => coverage))) }],
    ];
  });
  const filled = parts.filter(({ rows }) => rows > 0);
  return {
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    first_event_time: filled[0]?.first_event_time ?? null,
    last_event_time: filled.at(-1)?.last_event_time ?? null,
    exchanges: Object.fromEntries(exchanges),
  };
}

function known(coverages: ReadonlySet<string>): readonly string[] {
  return COVERAGES.filter((name) => coverages.has(name));
}
