import { HOUR_MS } from "../../src/windows/calendar.ts";
import type { RangePart } from "../../src/windows/range-parts.ts";
import type { VenueSideTotals } from "../../src/windows/window-statistics.ts";
import { TOTAL_COLUMNS, sumTotals } from "./total-columns.ts";
import { rowsOf } from "./rows-of.ts";

const TOTALS = TOTAL_COLUMNS.join(", ");
const IN_PART = (column: string): string => `${column} >= parts.start_time AND ${column} < parts.end_time`;

/**
 * ?1 the symbols, ?2 the parts as `[from, start, end]`. An hour with minutes that changed since it was computed is read
 * from its minutes. CROSS JOIN keeps the parts outermost, so that each reads its own range of an index; the sign before
 * `symbol` keeps SQLite from indexing the whole minute_totals by symbol first.
 */
const RANGE_TOTALS = `
  WITH parts AS (SELECT value ->> 0 AS summed_from, value ->> 1 AS start_time, value ->> 2 AS end_time FROM json_each(?2)),
    wanted AS MATERIALIZED (SELECT value AS symbol FROM json_each(?1))
  SELECT symbol, exchange, position_side, ${sumTotals} FROM (
    SELECT hour_totals.symbol AS symbol, exchange, position_side, ${TOTALS} FROM parts CROSS JOIN wanted CROSS JOIN hour_totals
    WHERE summed_from = 'hours' AND hour_totals.symbol = wanted.symbol AND ${IN_PART("hour")} AND hour NOT IN (SELECT hour FROM dirty_hours)
    UNION ALL
    SELECT symbol, exchange, position_side, ${TOTALS} FROM parts CROSS JOIN dirty_hours CROSS JOIN minute_totals
    WHERE summed_from = 'hours' AND +symbol IN wanted AND ${IN_PART("hour")} AND minute >= hour AND minute < hour + ${HOUR_MS}
    UNION ALL
    SELECT symbol, exchange, position_side, ${TOTALS} FROM parts CROSS JOIN minute_totals
    WHERE summed_from = 'minutes' AND +symbol IN wanted AND ${IN_PART("minute")}
    UNION ALL
    SELECT events.symbol, exchange, position_side, 1, usd_value IS NULL, notional_mark_usd IS NULL, usd_value, notional_mark_usd, quantity, usd_value
    FROM parts CROSS JOIN wanted CROSS JOIN liquidations AS events
    WHERE summed_from = 'events' AND events.symbol = wanted.symbol AND ${IN_PART("event_time")} AND coverage <> 'inferred'
  ) GROUP BY symbol, exchange, position_side`;

/** The totals of one symbol, venue and side. */
export interface SymbolTotals extends VenueSideTotals {
  readonly symbol: string;
}

/** The statement that reads the totals of these symbols over the parts of a range; pass its rows to `rangeTotalsOf`. */
export function rangeTotals(db: D1Database, symbols: readonly string[], parts: readonly RangePart[]): D1PreparedStatement {
  return db.prepare(RANGE_TOTALS).bind(JSON.stringify(symbols), JSON.stringify(parts.map((part) => [part.from, part.start, part.end])));
}

export function rangeTotalsOf(result: D1Result | undefined): readonly SymbolTotals[] {
  return rowsOf<SymbolTotals>(result);
}
