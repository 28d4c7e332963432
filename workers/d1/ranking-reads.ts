import type { ExchangeName, PositionSide } from "../../src/liquidation.ts";
import { HOUR_MS, MINUTE_MS, ceilTo, floorTo } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import type { Totals } from "../../src/windows/totals.ts";
import { TOTAL_COLUMNS, sumTotals } from "./total-columns.ts";

/** What totals are grouped by, and the column of the tables. */
export const RANKED_BY = { symbol: "symbol", exchange: "exchange", side: "position_side" } as const;

export interface RankingFilter {
  readonly symbol?: string | undefined;
  readonly exchange?: ExchangeName | undefined;
  readonly side?: PositionSide | undefined;
}

/** The totals of one group. */
export interface GroupTotals extends Totals {
  readonly key: string;
}

const TOTALS = TOTAL_COLUMNS.join(", ");

/**
 * ?1 and ?2 bound the whole hours, ?3 the minutes before and ?4 those after them: `[?3, ?1)` and `[?2, ?4)`. An hour with
 * minutes that changed since it was computed is read from its minutes, see range-totals.ts. ?5 symbol, ?6 venue, ?7 side.
 * The hours of one base asset have an index of their own.
 */
function rankingSql(column: string, isOneAsset: boolean): string {
  const hours = isOneAsset ? "hour_totals INDEXED BY hour_totals_by_symbol WHERE symbol = ?5 AND" : "hour_totals WHERE";
  const filter = "(?5 IS NULL OR +symbol = ?5) AND (?6 IS NULL OR +exchange = ?6) AND (?7 IS NULL OR +position_side = ?7)";
  return `
  SELECT ${column} AS key, ${sumTotals} FROM (
    SELECT symbol, exchange, position_side, ${TOTALS} FROM ${hours}
    hour >= ?1 AND hour < ?2 AND hour NOT IN (SELECT hour FROM dirty_hours) AND ${filter}
    UNION ALL
    SELECT symbol, exchange, position_side, ${TOTALS} FROM dirty_hours CROSS JOIN minute_totals
    WHERE hour >= ?1 AND hour < ?2 AND minute >= hour AND minute < hour + ${HOUR_MS} AND ${filter}
    UNION ALL
    SELECT symbol, exchange, position_side, ${TOTALS} FROM minute_totals
    WHERE minute >= ?3 AND minute < min(?1, ?4) AND ${filter}
    UNION ALL
    SELECT symbol, exchange, position_side, ${TOTALS} FROM minute_totals
    WHERE minute >= max(?2, ?1) AND minute < ?4 AND ${filter}
  ) GROUP BY 1`;
}

/** A range widened to what totals are kept for: whole minutes, or whole hours where its minutes may be gone. */
export function summableRange({ start, end }: TimeRange, minutesFrom: number): TimeRange {
  const step = start >= minutesFrom ? MINUTE_MS : HOUR_MS;
  return { start: floorTo(start, step), end: ceilTo(end, end >= minutesFrom ? MINUTE_MS : HOUR_MS) };
}

/** The totals of every group with an event in a range of whole minutes; inferred events are in no total. */
export async function groupTotals(
  db: D1Database,
  by: keyof typeof RANKED_BY,
  { start, end }: TimeRange,
  { symbol, exchange, side }: RankingFilter,
): Promise<readonly GroupTotals[]> {
  // Within one hour there is no whole one: all minutes are before the first.
  const firstHour = ceilTo(start, HOUR_MS);
  const lastHour = Math.max(firstHour, floorTo(end, HOUR_MS));
  const bound = db
    .prepare(rankingSql(RANKED_BY[by], symbol !== undefined))
    .bind(firstHour, lastHour, start, end, symbol ?? null, exchange ?? null, side ?? null);
  return (await bound.all<GroupTotals>()).results;
}
