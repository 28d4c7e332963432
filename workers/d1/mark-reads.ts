import type { ExchangeName } from "../../src/liquidation.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import type { MinuteMark } from "../../src/minute-mark.ts";
import { MINUTE_MARK_COLUMNS } from "../../src/minute-mark-fields.ts";
import { MINUTE_MS } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";

/**
 * Every pair of a base asset with marks and a venue, as a FROM clause: the key of the table begins with them, so a
 * condition on the minute alone would read every mark. Base assets are found by a step from each to the next.
 */
export const MARK_PAIRS = `
  (WITH RECURSIVE marked(marked_symbol) AS (
     SELECT min(symbol) FROM minute_marks
     UNION ALL
     SELECT (SELECT min(symbol) FROM minute_marks WHERE symbol > marked_symbol) FROM marked WHERE marked_symbol IS NOT NULL
   ) SELECT marked_symbol FROM marked WHERE marked_symbol IS NOT NULL)
  CROSS JOIN (SELECT value AS marked_exchange FROM json_each('${JSON.stringify(EXCHANGES)}'))`;

/** Reads the marks of a pair by their minutes. */
const JOIN_MARKS = "CROSS JOIN minute_marks ON symbol = marked_symbol AND exchange = marked_exchange";

/** Every mark, as a FROM clause for a condition on the minute. */
export const MARK_SOURCE = `${MARK_PAIRS} ${JOIN_MARKS}`;

/** ?3, ?4: names as JSON, or null for all. */
const WANTED = `
  (?3 IS NULL OR marked_symbol IN (SELECT value FROM json_each(?3)))
  AND (?4 IS NULL OR marked_exchange IN (SELECT value FROM json_each(?4)))`;
const PAIRS = `
  SELECT marked_symbol AS symbol, marked_exchange AS exchange FROM ${MARK_PAIRS}
  WHERE ${WANTED} AND EXISTS (
    SELECT 1 FROM minute_marks WHERE symbol = marked_symbol AND exchange = marked_exchange AND minute >= ?1 AND minute < ?2)`;
const MARKS = `
  SELECT ${MINUTE_MARK_COLUMNS.join(", ")} FROM ${MARK_SOURCE}
  WHERE ${WANTED} AND minute >= ?1 AND minute < ?2`;
const COUNT = `SELECT count(*) AS n FROM ${MARK_SOURCE} WHERE ${WANTED} AND minute >= ?1 AND minute < ?2`;

/** A response of this many rows is about a megabyte. */
const ROWS_AT_ONCE = 10_000;

/** Base assets and venues; null for all. */
export interface MarkFilter {
  readonly symbols: readonly string[] | null;
  readonly exchanges: readonly ExchangeName[] | null;
}

const ALL: MarkFilter = { symbols: null, exchanges: null };

export type MarkPair = Pick<MinuteMark, "symbol" | "exchange">;

/** The base assets and venues with a mark in a range. */
export async function markPairs(db: D1Database, range: TimeRange, filter: MarkFilter = ALL): Promise<readonly MarkPair[]> {
  return (await bound(db, PAIRS, range, filter).all<MarkPair>()).results;
}

/** The marks of a range, in no order. */
export async function readMarks(db: D1Database, range: TimeRange, filter: MarkFilter = ALL): Promise<readonly MinuteMark[]> {
  const pairs = await markPairs(db, range, filter);
  const lengthMs = Math.max(1, Math.floor(ROWS_AT_ONCE / Math.max(1, pairs.length))) * MINUTE_MS;
  const found: MinuteMark[] = [];
  for (let start = range.start; start < range.end && pairs.length > 0; start += lengthMs) {
    const part = { start, end: Math.min(range.end, start + lengthMs) };
    found.push(...(await bound(db, MARKS, part, filter).all<MinuteMark>()).results);
  }
  return found;
}

export async function countMarks(db: D1Database, range: TimeRange, filter: MarkFilter = ALL): Promise<number> {
  return (await bound(db, COUNT, range, filter).first<number>("n")) ?? 0;
}

function bound(db: D1Database, sql: string, { start, end }: TimeRange, { symbols, exchanges }: MarkFilter): D1PreparedStatement {
  const names = [symbols, exchanges].map((list) => (list === null ? null : JSON.stringify(list)));
  return db.prepare(sql).bind(start, end, ...names);
}
