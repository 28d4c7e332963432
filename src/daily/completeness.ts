import { z } from "zod";
import type { DayCounts } from "../day-counts.ts";
import type { ExchangeName } from "../liquidation.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import { DAY_MS, HOUR_MS } from "../windows/calendar.ts";
import type { RowCounts } from "./row-counts.ts";

const rows = (description: string) => z.int().meta({ description, examples: [18_204] });

/** The rows of a venue in a daily file, next to what two other places counted. */
export const venueCompleteness = z
  .object({
    exchange: z.enum(EXCHANGES),
    rows: rows("Number of rows of the venue in the file."),
    reported_rows: rows("Number of those rows that the venue reported, without inferred ones."),
    totals_rows: rows("Number of reported rows according to the totals in D1, which are counted independently of the file."),
    journal_rows: rows("Number of rows that the venue's feed journaled; null where the feed did not respond or never ran.").nullable(),
    missing_rows: z.int().meta({ description: "Number of rows that the file lacks by the larger of both counts.", examples: [0] }),
    missing_hours: z
      .array(z.int())
      .meta({ description: "Starts of the hours with missing rows by the totals, milliseconds since 1970 UTC.", examples: [[]] }),
  })
  .readonly();

export const quarantinedBatch = z
  .object({
    key: z
      .string()
      .meta({ description: "Former key of the batch.", examples: ["liquidations/v1/date=2026-11-20/venue=okx/1-0000000001.parquet"] }),
    rows: z
      .int()
      .nullable()
      .meta({ description: "Number of rows that it was stored with; null where unknown.", examples: [40] }),
    reason: z.string().meta({ description: "Reason why it could not be read.", examples: ["the file is not Parquet"] }),
  })
  .readonly();

/** What a daily file was compared with when it was published. */
export const completeness = z
  .object({
    missing_rows: z.int().meta({ description: "Number of rows that are known to exist and that the file lacks.", examples: [0] }),
    exchanges: z.array(venueCompleteness).meta({ description: "The comparison by venue." }),
    quarantined: z.array(quarantinedBatch).meta({
      description: "Batches that could not be read. Their rows were fetched from D1 or the archive as far as they are there.",
      examples: [[]],
    }),
  })
  .readonly();

export type VenueCompleteness = z.output<typeof venueCompleteness>;
export type QuarantinedBatch = z.output<typeof quarantinedBatch>;
export type Completeness = z.output<typeof completeness>;

export interface Counted {
  /** Start of the day, ms. */
  readonly dayStart: number;
  /** The rows of the file. */
  readonly found: RowCounts;
  /** Reported rows by venue and hour, by the totals. */
  readonly totals: ReadonlyMap<ExchangeName, readonly number[]>;
  readonly journals: readonly DayCounts[];
}

/**
 * Compares the rows of a day's file with the totals, hour by hour, and with the journals. A larger number of rows in the
 * file is no fault: totals are final once their events are deleted, and a journal may be younger than the day.
 */
export function compareCounts({ dayStart, found, totals, journals }: Counted): readonly VenueCompleteness[] {
  return EXCHANGES.flatMap((exchange) => {
    const own = found[exchange] ?? { rows: 0, reported: [] };
    const journal = journals.find((counts) => counts.exchange === exchange) ?? null;
    const expected = totals.get(exchange) ?? [];
    if (own.rows === 0 && expected.length === 0 && (journal?.rows ?? 0) === 0) return [];
    const lacking = Array.from({ length: DAY_MS / HOUR_MS }, (_, hour) => Math.max(0, (expected[hour] ?? 0) - (own.reported[hour] ?? 0)));
    const journaled = journal === null ? null : journal.rows - (journal.stores.r2?.refused ?? 0);
    return [
      {
        exchange,
        rows: own.rows,
        reported_rows: sum(own.reported),
        totals_rows: sum(expected),
        journal_rows: journaled,
        missing_rows: Math.max(sum(lacking), (journaled ?? 0) - own.rows, 0),
        missing_hours: lacking.flatMap((count, hour) => (count === 0 ? [] : [dayStart + hour * HOUR_MS])),
      },
    ];
  });
}

/** The number of rows that the journals have not stored in R2 yet: they will come without help. */
export function rowsToCome(journals: readonly DayCounts[]): number {
  return sum(journals.map(({ rows: all, stores }) => Math.max(0, all - (stores.r2?.stored ?? 0) - (stores.r2?.refused ?? 0))));
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
