import type { FilledGap, Gap, GapReason } from "../../src/gap.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { IS_LONG, LONG_GAP_MS } from "./long-gaps.ts";
import { rowsOf } from "./rows-of.ts";
import type { TimedPlace } from "./timed-place.ts";

/**
 * Maximum number of gaps, so that a venue that reconnects every minute for weeks does not make a response of megabytes.
 */
const MAX_GAPS = 1_000;

/** The same beside a series of 400 days, which reads so many rows itself. */
export const GAPS_BESIDE_DAYS = 400;

const COLUMNS = "exchange, from_time, to_time, reason";

/** Which gaps are read: ?1 is a venue, or several as JSON; ?4 a reason. */
interface GapSource {
  /** The table in an order that ends with the start. */
  readonly byStart: string;
  /** The condition that this order answers. */
  readonly found: string;
  /** The same where each row is checked for it. */
  readonly checked: string;
}

const IN_LIST = "+exchange IN (SELECT value FROM json_each(?1))";
/** Of all venues there is nothing to compare, which D1 would count as another row read. */
const OF_ALL: GapSource = { byStart: "gaps INDEXED BY gaps_by_start", found: "true", checked: "true" };
const OF_VENUES: GapSource = { byStart: "gaps INDEXED BY gaps_by_start", found: IN_LIST, checked: IN_LIST };
const OF_VENUE: GapSource = { byStart: "gaps", found: "exchange = ?1", checked: "+exchange = ?1" };
const OF_VENUES_BY_REASON: GapSource = {
  byStart: "gaps INDEXED BY gaps_by_reason",
  found: `reason = ?4 AND ${IN_LIST}`,
  checked: `+reason = ?4 AND ${IN_LIST}`,
};
const OF_VENUE_BY_REASON: GapSource = {
  byStart: "gaps INDEXED BY gaps_by_venue_reason",
  found: "exchange = ?1 AND reason = ?4",
  checked: "+exchange = ?1 AND +reason = ?4",
};

/**
 * The gaps that overlap the range from ?2 to ?3, newest first. Those that begin inside it are found by their start, and so are
 * those that reach into it from not long before. The few long ones, and those that last, have an index of their own. Each part
 * is in order; putting them together is left to the caller, because D1 counts rows that it sorts once more.
 */
function overlapping(columns: string, { byStart, found, checked }: GapSource, also: string, limit: string): string {
  const part = (source: string, when: string) =>
    `SELECT * FROM (SELECT ${columns} FROM ${source} WHERE ${when} ${also} ORDER BY from_time DESC, exchange DESC LIMIT ${limit})`;
  const parts = [
    part(byStart, `${found} AND from_time >= ?2 AND from_time < ?3`),
    part(byStart, `${found} AND from_time >= ?2 - ${LONG_GAP_MS} AND from_time < min(?2, ?3) AND to_time > ?2`),
    part("gaps INDEXED BY long_gaps", `${IS_LONG} AND to_time > ?2 AND from_time < min(?2 - ${LONG_GAP_MS}, ?3) AND ${checked}`),
    part("gaps INDEXED BY gaps_by_end", `to_time IS NULL AND from_time < min(?2, ?3) AND ${checked}`),
  ];
  return parts.join(" UNION ALL ");
}

const AFTER = "AND (?5 IS NULL OR (from_time, exchange) < (?5, ?6))";

/** Gaps of these venues that overlap the range, newest first, starting after `after`. */
export async function gapPage(
  db: D1Database,
  { exchanges, reason }: { readonly exchanges: readonly ExchangeName[]; readonly reason: GapReason | null },
  { start, end }: TimeRange,
  after: TimedPlace | null,
  limit: number,
): Promise<readonly FilledGap[]> {
  const byReason = exchanges.length === 1 ? OF_VENUE_BY_REASON : OF_VENUES_BY_REASON;
  const source = reason === null ? sourceOf(exchanges) : byReason;
  // A later page reads no gap again that began after its place.
  const until = after === null ? end : Math.min(end, after.time + 1);
  const bound = db
    .prepare(overlapping(`${COLUMNS}, filled_events`, source, AFTER, "?7"))
    .bind(venuesOf(exchanges), start, until, reason, after?.time ?? null, after?.name ?? null, limit);
  return (await bound.all<FilledGap>()).results.toSorted(newestFirst).slice(0, limit);
}

function newestFirst(a: Gap, b: Gap): number {
  return b.from_time - a.from_time || (a.exchange < b.exchange ? 1 : -1);
}

function sourceOf(exchanges: readonly ExchangeName[]): GapSource {
  if (exchanges.length === 1) return OF_VENUE;
  return EXCHANGES.every((name) => exchanges.includes(name)) ? OF_ALL : OF_VENUES;
}

function venuesOf(exchanges: readonly ExchangeName[]): string {
  const [only] = exchanges;
  return exchanges.length === 1 && only !== undefined ? only : JSON.stringify(exchanges);
}

export interface GapsInRange {
  /** Ordered by start, oldest first. A gap that extends beyond the range keeps its full length. */
  readonly gaps: readonly Gap[];
  /** True where the oldest gaps are omitted because there are too many. */
  readonly truncated: boolean;
}

/** The statement that reads the gaps of these venues that overlap a range; pass its rows to `gapsOf`. */
export function gapsInRange(db: D1Database, exchanges: readonly ExchangeName[], range: TimeRange, most = MAX_GAPS): D1PreparedStatement {
  const sql = overlapping(COLUMNS, sourceOf(exchanges), "", String(most + 1));
  return db.prepare(sql).bind(venuesOf(exchanges), range.start, range.end);
}

export function gapsOf(result: D1Result | undefined, most = MAX_GAPS): GapsInRange {
  const rows = rowsOf<Gap>(result).toSorted(newestFirst);
  return { gaps: rows.slice(0, most).toReversed(), truncated: rows.length > most };
}
