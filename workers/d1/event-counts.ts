import type { ExportRequest } from "../../src/exports/export-request.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";

/** Minutes are read for ranges as young as this, hours for older ones. */
const MINUTES_READ_MS = 7 * DAY_MS;

const FILTER = `
  (?3 IS NULL OR symbol IN (SELECT value FROM json_each(?3))) AND (?4 IS NULL OR exchange IN (SELECT value FROM json_each(?4)))`;

const BY_MINUTE = `SELECT coalesce(sum(events), 0) AS events FROM minute_totals WHERE minute >= ?1 AND minute < ?2 AND ${FILTER}`;

/** An hour whose minutes changed since it was computed, as the running one's, is read from its minutes. */
const BY_HOUR = `
  SELECT (SELECT coalesce(sum(events), 0) FROM hour_totals
          WHERE hour >= ?1 AND hour < ?2 AND hour NOT IN (SELECT hour FROM dirty_hours) AND ${FILTER})
       + (SELECT coalesce(sum(events), 0) FROM dirty_hours CROSS JOIN minute_totals
          WHERE hour >= ?1 AND hour < ?2 AND minute >= hour AND minute < hour + ${HOUR_MS} AND ${FILTER}) AS events`;

/**
 * How many events a range has by the totals, which know no inferred ones. Its ends are widened to whole minutes, or, where
 * it begins more than a week ago, to whole hours.
 */
export async function countEvents(
  db: D1Database,
  { start, end, symbols, exchanges }: Pick<ExportRequest, "start" | "end" | "symbols" | "exchanges">,
  now: number,
): Promise<number> {
  const wanted = [symbols === null ? null : JSON.stringify(symbols), exchanges === null ? null : JSON.stringify(exchanges)];
  const isYoung = start >= now - MINUTES_READ_MS;
  const from = floorTo(start, isYoung ? MINUTE_MS : HOUR_MS);
  const statement = db.prepare(isYoung ? BY_MINUTE : BY_HOUR).bind(from, end, ...wanted);
  return (await statement.first<number>("events")) ?? 0;
}
