import type { ExchangeName } from "../../src/liquidation.ts";
import { DAY_MS, HOUR_MS } from "../../src/windows/calendar.ts";
import { rowsBySymbol } from "./summed-symbols.ts";

/** An hour with minutes that changed since it was computed is read from its minutes. */
const BY_HOUR = `
  SELECT hour, exchange, sum(events) AS events FROM ${rowsBySymbol("hour_totals")}
  WHERE hour >= ?1 AND hour < ?2 AND hour NOT IN (SELECT hour FROM dirty_hours) GROUP BY 1, 2
  UNION ALL
  SELECT hour, exchange, sum(events) FROM dirty_hours CROSS JOIN ${rowsBySymbol("minute_totals")}
  WHERE hour >= ?1 AND hour < ?2 AND minute >= hour AND minute < hour + ${HOUR_MS} GROUP BY 1, 2`;

const ANY = `SELECT 1 FROM ${rowsBySymbol("minute_totals")} WHERE minute >= ?1 AND minute < ?2 LIMIT 1`;

/** The number of reported events of a day by venue and hour, by the totals, which do not include inferred ones. */
export async function reportedByHour(db: D1Database, dayStart: number): Promise<ReadonlyMap<ExchangeName, readonly number[]>> {
  const { results } = await db
    .prepare(BY_HOUR)
    .bind(dayStart, dayStart + DAY_MS)
    .all<{ hour: number; exchange: ExchangeName; events: number }>();
  const counts = new Map<ExchangeName, number[]>();
  for (const { hour, exchange, events } of results) {
    const hours = counts.get(exchange) ?? Array.from({ length: DAY_MS / HOUR_MS }, () => 0);
    hours[(hour - dayStart) / HOUR_MS] = events;
    counts.set(exchange, hours);
  }
  return counts;
}

/** Whether the totals know of any event of a day. */
export async function hasTotals(db: D1Database, dayStart: number): Promise<boolean> {
  return (
    (await db
      .prepare(ANY)
      .bind(dayStart, dayStart + DAY_MS)
      .first()) !== null
  );
}
