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

/** The same sums over several base assets, whose units do not add up to anything. */
const sumOverSymbols = TOTAL_COLUMNS.map((name) => {
  if (name === "quantity") return "NULL AS quantity";
  return `${name === "max_usd" ? "max" : "sum"}(${name}) AS ${name}`;
}).join(", ");

/** The condition on the symbol, and the sums: of one base asset, or over all. */
const OF_ONE = { symbol: "+symbol = ?1", sums: sumTotals };
const OF_ALL = { symbol: "?1 IS NULL", sums: sumOverSymbols };

/** ?1 symbol, ?2 start, ?3 end, ?4 maximum number of rows. */
function minutes({ symbol, sums }: typeof OF_ONE): string {
  return `
    SELECT minute AS time, exchange, position_side, ${sums} FROM minute_totals
    WHERE minute >= ?2 AND minute < ?3 AND ${symbol} GROUP BY minute, exchange, position_side
    ORDER BY minute, exchange, position_side LIMIT ?4`;
}

/**
 * The same in steps of ?5 ms. An hour with minutes that changed since it was computed is read from its minutes, see
 * range-totals.ts.
 */
function hours({ symbol, sums }: typeof OF_ONE): string {
  // The index by symbol serves the hours of one; the sign keeps SQLite from looking for one over minutes.
  const ofHour = symbol.replace("+", "");
  return `
    SELECT time - time % ?5 AS time, exchange, position_side, ${sums} FROM (
      SELECT hour AS time, exchange, position_side, ${TOTALS} FROM hour_totals
      WHERE ${ofHour} AND hour >= ?2 AND hour < ?3 AND hour NOT IN (SELECT hour FROM dirty_hours)
      UNION ALL
      SELECT hour, exchange, position_side, ${TOTALS} FROM dirty_hours CROSS JOIN minute_totals
      WHERE ${symbol} AND hour >= ?2 AND hour < ?3 AND minute >= hour AND minute < hour + ${HOUR_MS}
    ) GROUP BY 1, exchange, position_side ORDER BY 1, exchange, position_side LIMIT ?4`;
}

/** The statement that reads the series of a symbol, or of all with null, by minutes, hours or days, in order; `range` spans whole steps. */
export function seriesTotals(db: D1Database, symbol: string | null, stepMs: number, range: TimeRange, rows: number): D1PreparedStatement {
  const of = symbol === null ? OF_ALL : OF_ONE;
  return stepMs === MINUTE_MS
    ? db.prepare(minutes(of)).bind(symbol, range.start, range.end, rows)
    : db.prepare(hours(of)).bind(symbol, range.start, range.end, rows, stepMs);
}

export function seriesTotalsOf(result: D1Result | undefined): readonly SeriesTotal[] {
  return rowsOf<SeriesTotal>(result);
}
