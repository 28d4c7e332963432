import { type Completeness, compareCounts, rowsToCome, sum } from "../../src/daily/completeness.ts";
import type { RowCounts } from "../../src/daily/row-counts.ts";
import { reportedByHour } from "../d1/reported-rows.ts";
import type { DayContext } from "./day-context.ts";
import { quarantinedBatches } from "./quarantine.ts";

export interface DayComparison {
  readonly completeness: Completeness;
  /** Number of rows that the feeds have not stored in R2 yet. */
  readonly toCome: number;
}

/** Compares rows of a day with the totals in D1 and with the journals. */
export async function compareDay({ env, journals }: DayContext, date: string, found: RowCounts): Promise<DayComparison> {
  const dayStart = Date.parse(date);
  const [totals, counts] = await Promise.all([reportedByHour(env.DB, dayStart), journals(date)]);
  const exchanges = compareCounts({ dayStart, found, totals, journals: counts });
  const quarantined = await quarantinedBatches(env.BUCKET, date);
  const missing_rows = sum(exchanges.map((venue) => venue.missing_rows));
  return { completeness: { missing_rows, exchanges: [...exchanges], quarantined: [...quarantined] }, toCome: rowsToCome(counts) };
}
