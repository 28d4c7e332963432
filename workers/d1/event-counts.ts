import type { ExportRequest } from "../../src/exports/export-request.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";

/** Ranges up to this age are read from minutes, older ones from hours. */
const MINUTES_READ_MS = 7 * DAY_MS;

const FILTER = `
  (?3 IS NULL OR symbol IN (SELECT value FROM json_each(?3))) AND (?4 IS NULL OR exchange IN (SELECT value FROM json_each(?4)))`;

const BY_MINUTE = `SELECT coalesce(sum(events), 0) AS events FROM minute_totals WHERE minute >= ?1 AND minute < ?2 AND ${FILTER}`;

/** An hour with minutes that changed since it was computed, such as the running one, is read from its minutes. */
const BY_HOUR = `
  SELECT (SELECT coalesce(sum(events), 0) FROM hour_totals
          WHERE hour >= ?1 AND hour < ?2 AND hour NOT IN (SELECT hour FROM dirty_hours) AND ${FILTER})
       + (SELECT coalesce(sum(events), 0) FROM dirty_hours CROSS JOIN minute_totals
          WHERE hour >= ?1 AND hour < ?2 AND minute >= hour AND minute < hour + ${HOUR_MS} AND ${FILTER}) AS events`;

/**
 * The number of events of a range according to the totals, which do not include inferred ones. The range is widened to
 * whole minutes, or to whole hours if it begins more than a week ago.
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
