import { z } from "zod";
import type { Liquidation } from "../liquidation.ts";
import { COVERAGES, EXCHANGES } from "../liquidation-fields.ts";

/** What one venue has in some rows. `coverage` is what its feed carries, by each row's own word. */
const venueRows = z
  .object({ rows: z.int().meta({ examples: [6_120] }), coverage: z.array(z.enum(COVERAGES)).meta({ examples: [["largest_per_second"]] }) })
  .readonly();

/** What some rows hold; the first and last time are null where there are none. */
export const rowsSummary = z
  .object({
    rows: z.int().meta({ examples: [18_204] }),
    first_event_time: z
      .int()
      .nullable()
      .meta({ description: "Milliseconds since 1970 UTC; null without a row.", examples: [1_795_132_801_204] }),
    last_event_time: z
      .int()
      .nullable()
      .meta({ description: "Milliseconds since 1970 UTC; null without a row.", examples: [1_795_219_198_077] }),
    exchanges: z.partialRecord(z.enum(EXCHANGES), venueRows),
  })
  .readonly();

export type RowsSummary = z.output<typeof rowsSummary>;

/** `rows` are in order of time. */
export function summarize(rows: readonly Liquidation[]): RowsSummary {
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

/** The summary of all the rows of parts that follow each other in time. */
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
