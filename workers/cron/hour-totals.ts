import { HOUR_MS } from "../../src/windows/calendar.ts";
import { TOTAL_COLUMNS, replaceTotals, sumTotals } from "../d1/total-columns.ts";

/** Maximum number of hours per run, so that a backlog of days does not make one transaction too long. */
const MAX_HOURS = 48;

// The running hour stays dirty: readers use its minutes anyway, and recomputing it every minute would read its minutes
// 60 times.
const ENDED = "SELECT hour FROM dirty_hours WHERE hour <= ?1 ORDER BY hour LIMIT ?2";

/** ?1 is a JSON array of hours. */
const RECOMPUTE = `
  INSERT INTO hour_totals (hour, symbol, exchange, position_side, ${TOTAL_COLUMNS.join(", ")})
  SELECT hours.value AS hour, symbol, exchange, position_side, ${sumTotals}
  FROM json_each(?1) AS hours CROSS JOIN minute_totals AS minutes
  WHERE minutes.minute >= hours.value AND minutes.minute < hours.value + ${HOUR_MS}
  GROUP BY hours.value, symbol, exchange, position_side
  ON CONFLICT (hour, symbol, exchange, position_side) DO UPDATE SET ${replaceTotals}`;

const CLEAN = "DELETE FROM dirty_hours WHERE hour IN (SELECT value FROM json_each(?1))";

export interface HourTotalsRecord {
  /** Number of recomputed hours. */
  readonly hours: number;
  /** Number of rows written to `hour_totals`. */
  readonly rows: number;
  /** True where more hours wait for the next run. */
  readonly more: boolean;
}

/**
 * Updates `hour_totals` for every ended hour with changed minutes. Computing and cleaning are one transaction: an hour
 * that is not dirty always equals the sum of its minutes.
 */
export async function hourTotals(db: D1Database, scheduledTime: number): Promise<HourTotalsRecord> {
  const ended = await db
    .prepare(ENDED)
    .bind(scheduledTime - HOUR_MS, MAX_HOURS + 1)
    .all<{ hour: number }>();
  const hours = ended.results.slice(0, MAX_HOURS).map((row) => row.hour);
  if (hours.length === 0) return { hours: 0, rows: 0, more: false };
  const list = JSON.stringify(hours);
  const [computed] = await db.batch([db.prepare(RECOMPUTE).bind(list), db.prepare(CLEAN).bind(list)]);
  return { hours: hours.length, rows: computed?.meta.changes ?? 0, more: ended.results.length > MAX_HOURS };
}
