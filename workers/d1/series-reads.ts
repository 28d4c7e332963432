import { HOUR_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import type { VenueSideTotals } from "../../src/windows/window-statistics.ts";
import { TOTAL_COLUMNS, sumTotals } from "./total-columns.ts";
import { rowsOf } from "./rows-of.ts";

/** The totals of one venue and side in one step of a series, which is named by its start. */
export interface SeriesTotal extends VenueSideTotals {
  readonly time: number;
}

const TOTALS = TOTAL_COLUMNS.join(", ");

/** ?1 symbol, ?2 start, ?3 end, ?4 maximum number of rows. */
const MINUTES = `
  SELECT minute AS time, exchange, position_side, ${TOTALS} FROM minute_totals
  WHERE symbol = ?1 AND minute >= ?2 AND minute < ?3 ORDER BY minute, exchange, position_side LIMIT ?4`;

/**
 * The same in steps of ?5 ms. An hour with minutes that changed since it was computed is read from its minutes, see
 * range-totals.ts.
 */
const HOURS = `
  SELECT time - time % ?5 AS time, exchange, position_side, ${sumTotals} FROM (
    SELECT hour AS time, exchange, position_side, ${TOTALS} FROM hour_totals
    WHERE symbol = ?1 AND hour >= ?2 AND hour < ?3 AND hour NOT IN (SELECT hour FROM dirty_hours)
    UNION ALL
    SELECT hour, exchange, position_side, ${TOTALS} FROM dirty_hours CROSS JOIN minute_totals
    WHERE +symbol = ?1 AND hour >= ?2 AND hour < ?3 AND minute >= hour AND minute < hour + ${HOUR_MS}
  ) GROUP BY 1, exchange, position_side ORDER BY 1, exchange, position_side LIMIT ?4`;

/** The statement that reads the series of a symbol by minutes, hours or days, in order; `range` spans whole steps. */
export function seriesTotals(db: D1Database, symbol: string, stepMs: number, range: TimeRange, rows: number): D1PreparedStatement {
  return stepMs === MINUTE_MS
    ? db.prepare(MINUTES).bind(symbol, range.start, range.end, rows)
    : db.prepare(HOURS).bind(symbol, range.start, range.end, rows, stepMs);
}

export function seriesTotalsOf(result: D1Result | undefined): readonly SeriesTotal[] {
  return rowsOf<SeriesTotal>(result);
}
