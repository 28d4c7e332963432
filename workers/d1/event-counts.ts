import type { ExportRequest } from "../../src/exports/export-request.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, ceilTo, floorTo } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { hotEventsFrom } from "./hot-events.ts";
import { rowsBySymbol } from "./summed-symbols.ts";

/** Totals of ranges up to this age are read from minutes, older ones from hours. */
const MINUTES_READ_MS = 7 * DAY_MS;

type Filter = Pick<ExportRequest, "symbols" | "exchanges" | "side" | "min_usd" | "inferred">;

/** ?3 symbols, ?4 venues, ?5 side. */
const FILTER = `
  (?3 IS NULL OR symbol IN (SELECT value FROM json_each(?3))) AND (?4 IS NULL OR exchange IN (SELECT value FROM json_each(?4)))
  AND (?5 IS NULL OR position_side = ?5)`;

const EVENTS = `
  SELECT count(*) AS events FROM liquidations
  WHERE event_time >= ?1 AND event_time < ?2 AND ${FILTER} AND (?6 IS NULL OR usd_value >= ?6) AND (?7 OR coverage <> 'inferred')`;

const MINUTES = `SELECT coalesce(sum(events), 0) AS events FROM ${rowsBySymbol("minute_totals")} WHERE minute >= ?1 AND minute < ?2 AND ${FILTER}`;

/** An hour with minutes that changed since it was computed, such as the running one, is read from its minutes. */
const HOURS = `
  SELECT (SELECT coalesce(sum(events), 0) FROM ${rowsBySymbol("hour_totals")}
          WHERE hour >= ?1 AND hour < ?2 AND hour NOT IN (SELECT hour FROM dirty_hours) AND ${FILTER})
       + (SELECT coalesce(sum(events), 0) FROM dirty_hours CROSS JOIN ${rowsBySymbol("minute_totals")}
          WHERE hour >= ?1 AND hour < ?2 AND minute >= hour AND minute < hour + ${HOUR_MS} AND ${FILTER}) AS events`;

export interface EventCount {
  readonly events: number;
  /** False where the events of a part of the range were counted by totals that lack some of its bounds or filters. */
  readonly exact: boolean;
}

/**
 * The number of events of a range that pass the filters: events that D1 still holds are counted themselves, older ones by
 * their totals. Totals know no value and no inferred events; their range is widened to whole minutes, or to whole hours
 * if it begins more than a week ago.
 */
export async function countEvents(db: D1Database, { start, end, ...filter }: TimeRange & Filter, now: number): Promise<EventCount> {
  const border = Math.min(end, Math.max(start, await hotEventsFrom(db)));
  const values = [list(filter.symbols), list(filter.exchanges), filter.side];
  const hot = db.prepare(EVENTS).bind(border, end, ...values, filter.min_usd, filter.inferred ? 1 : 0);
  const old = start < border ? oldParts({ start, end: border }, now) : [];
  const statements = old.map(({ sql, range }) => db.prepare(sql).bind(range.start, range.end, ...values));
  const results = await db.batch<{ events: number }>([hot, ...statements]);
  const events = results.reduce((sum, { results: rows }) => sum + (rows[0]?.events ?? 0), 0);
  const knowsFilter = filter.min_usd === null && !filter.inferred;
  const first = old[0]?.range.start ?? start;
  const last = old.at(-1)?.range.end ?? border;
  return { events, exact: old.length === 0 || (knowsFilter && first === start && last === border) };
}

interface OldPart {
  readonly sql: string;
  readonly range: TimeRange;
}

/** A range of totals: its whole hours, and the minutes after them while they are kept. */
function oldParts({ start, end }: TimeRange, now: number): readonly OldPart[] {
  const minutesFrom = now - MINUTES_READ_MS;
  if (start >= minutesFrom) return [minutes(floorTo(start, MINUTE_MS), end)];
  const from = floorTo(start, HOUR_MS);
  const until = end >= minutesFrom ? floorTo(end, HOUR_MS) : ceilTo(end, HOUR_MS);
  const hours: OldPart = { sql: HOURS, range: { start: from, end: until } };
  return until < end ? [hours, minutes(until, end)] : [hours];
}

function minutes(from: number, to: number): OldPart {
  return { sql: MINUTES, range: { start: from, end: ceilTo(to, MINUTE_MS) } };
}

function list(values: readonly string[] | null): string | null {
  return values === null ? null : JSON.stringify(values);
}
