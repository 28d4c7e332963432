import type { FilledGap, Gap, GapReason } from "../../src/gap.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { rowsOf } from "./rows-of.ts";
import type { TimedPlace } from "./timed-place.ts";

/**
 * Maximum number of gaps, so that a venue that reconnects every minute for weeks does not make a response of megabytes.
 */
const MAX_GAPS = 1_000;

/**
 * Whether the range begins in the older half of the time for which there are gaps, so that fewer begin before it than end
 * after its start. Both ends are read from their index; one SELECT of both would read all gaps.
 */
const IS_OLD = "?2 < ((SELECT min(from_time) FROM gaps) + (SELECT max(from_time) FROM gaps)) / 2";

/**
 * ?1 venues, ?2 start, ?3 end; ?4 and later belong to `also`. A gap overlaps a range if it begins inside it or reaches
 * into it: each case reads the index that holds the fewest other gaps. The bound of the index that is not read is NULL.
 */
function overlapping(columns: string, also: string, limit: string): string {
  const part = (index: string, when: string) => `
    SELECT * FROM (
      SELECT ${columns} FROM gaps INDEXED BY ${index}
      WHERE ${when} AND +exchange IN (SELECT value FROM json_each(?1)) ${also} ORDER BY from_time DESC, exchange DESC LIMIT ${limit})`;
  const parts = [
    part("gaps_by_start", "from_time >= ?2 AND from_time < ?3"),
    part("gaps_by_start", `from_time < CASE WHEN ${IS_OLD} THEN min(?2, ?3) END AND to_time > ?2`),
    part("gaps_by_end", `to_time > CASE WHEN ${IS_OLD} THEN NULL ELSE ?2 END AND from_time < min(?2, ?3)`),
    part("gaps_by_end", "to_time IS NULL AND from_time < min(?2, ?3)"),
  ];
  return `${parts.join(" UNION ALL ")} ORDER BY from_time DESC, exchange DESC LIMIT ${limit}`;
}

const COLUMNS = "exchange, from_time, to_time, reason";
const FILTER = "AND (?4 IS NULL OR reason = ?4) AND (?5 IS NULL OR (from_time, exchange) < (?5, ?6))";

/** Gaps of these venues that overlap the range, newest first, starting after `after`. */
export async function gapPage(
  db: D1Database,
  { exchanges, reason }: { readonly exchanges: readonly ExchangeName[]; readonly reason: GapReason | null },
  { start, end }: TimeRange,
  after: TimedPlace | null,
  limit: number,
): Promise<readonly FilledGap[]> {
  const place = [after?.time ?? null, after?.name ?? null];
  const bound = db
    .prepare(overlapping(`${COLUMNS}, filled_events`, FILTER, "?7"))
    .bind(JSON.stringify(exchanges), start, end, reason, ...place, limit);
  return (await bound.all<FilledGap>()).results;
}

export interface GapsInRange {
  /** Ordered by start, oldest first. A gap that extends beyond the range keeps its full length. */
  readonly gaps: readonly Gap[];
  /** True where the oldest gaps are omitted because there are too many. */
  readonly truncated: boolean;
}

/** The statement that reads the gaps of these venues that overlap a range; pass its rows to `gapsOf`. */
export function gapsInRange(db: D1Database, exchanges: readonly ExchangeName[], range: TimeRange): D1PreparedStatement {
  return db.prepare(overlapping(COLUMNS, "", String(MAX_GAPS + 1))).bind(JSON.stringify(exchanges), range.start, range.end);
}

export function gapsOf(result: D1Result | undefined): GapsInRange {
  const rows = rowsOf<Gap>(result);
  return { gaps: rows.slice(0, MAX_GAPS).toReversed(), truncated: rows.length > MAX_GAPS };
}
