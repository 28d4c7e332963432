import { hoursKeptFrom } from "../../src/grades/random-times.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { HOURS_KEPT_MS, MINUTES_KEPT_MS, EVENTS_MARGIN_MS } from "../../src/windows/kept.ts";
import { closeEvents } from "../d1/hot-events.ts";
import { FILED_MARKS } from "../d1/mark-days.ts";
import { rowsBySymbol } from "../d1/summed-symbols.ts";
import type { FeedReport } from "../feeds.ts";
import { RULE_EVENTS_KEPT_MS } from "../rules/rule-log.ts";
import { OF_ENDED_KEYS } from "../rules/rule-rows.ts";

/** Kept as long as the totals that they qualify. */
const GAPS_KEPT_MS = HOURS_KEPT_MS;

/** D1 stops a statement after 30 s; deleting this many rows takes well under one second. */
const CHUNK_ROWS = 2_000;
/** Maximum number of statements per run; the rest waits for the next minute. */
const MAX_CHUNKS = 20;

type Table = (typeof TABLES)[number];
const TABLES = [
  "liquidations",
  "minute_totals",
  "minute_marks",
  "hour_marks",
  "hour_totals",
  "day_totals",
  "total_blocks",
  "symbol_blocks",
  "gaps",
  "contract_gaps",
  "rule_events",
  "rules",
] as const;

interface Expiry {
  readonly table: Table;
  readonly key: string;
  /** The rows as a FROM clause, where reading them from the table would read too many. */
  readonly source?: string;
  /** The condition for rows older than their retention; ?1 is `before`. */
  readonly expired: string;
  readonly before: number;
}

export interface RetentionRecord {
  /** Events before this time were deleted; null where a feed did not respond and no event was deleted. */
  readonly events_before: number | null;
  readonly deleted: Readonly<Record<Table, number>>;
  /** True where more rows wait for the next run. */
  readonly more: boolean;
}

/**
 * The time before which events may be deleted: a full minute, older than the configured retention and older than any
 * event that a feed has not stored here yet, because the totals of a minute are computed from its events. Null where a
 * feed did not respond.
 */
export function eventsCutoff(feeds: readonly FeedReport[], retentionHours: number, scheduledTime: number): number | null {
  let cutoff = scheduledTime - retentionHours * HOUR_MS - EVENTS_MARGIN_MS;
  for (const { status } of feeds) {
    if (status === null) return null;
    cutoff = Math.min(cutoff, status.sinks.d1.oldest_unstored_event_time ?? cutoff);
  }
  return floorTo(cutoff, MINUTE_MS);
}

/** Deletes rows that are older than their retention, in bounded statements. Repeating a run changes nothing. */
export async function retention(
  db: D1Database,
  config: { readonly LIQUIDATION_LOCAL_RETENTION_HOURS: number },
  scheduledTime: number,
  feeds: readonly FeedReport[],
): Promise<RetentionRecord> {
  const cutoff = eventsCutoff(feeds, config.LIQUIDATION_LOCAL_RETENTION_HOURS, scheduledTime);
  // Before the first row is deleted: from here on the totals of these minutes are final.
  const eventsBefore = cutoff === null ? null : await closeEvents(db, cutoff, scheduledTime);
  const deleted = Object.fromEntries(TABLES.map((table) => [table, 0])) as Record<Table, number>;
  let chunksLeft = MAX_CHUNKS;
  let more = false;
  for (const expiry of expiries(eventsBefore, scheduledTime)) {
    let changes = CHUNK_ROWS;
    for (; changes === CHUNK_ROWS && chunksLeft > 0; chunksLeft -= 1) {
      changes = await deleteChunk(db, expiry);
      deleted[expiry.table] += changes;
    }
    more ||= changes === CHUNK_ROWS;
  }
  if (eventsBefore !== null) await forgetBursts(db, eventsBefore);
  return { events_before: eventsBefore, deleted, more };
}

function expiries(eventsBefore: number | null, scheduledTime: number): readonly Expiry[] {
  const minutesBefore = scheduledTime - MINUTES_KEPT_MS;
  return [
    // Events may have any age where `eventsBefore` is null: no row is before 0.
    // A refill that has begun since opens minutes again, whose events then stay.
    {
      table: "liquidations",
      key: "event_id",
      expired: "event_time < min(?1, (SELECT from_time FROM hot_events))",
      before: eventsBefore ?? 0,
    },
    // An hour is computed from all its minutes, so they are deleted together, and only when it can no longer change.
    {
      table: "minute_totals",
      key: "symbol, minute, exchange, position_side",
      source: rowsBySymbol("minute_totals"),
      expired: `minute < min(?1, (SELECT from_time - from_time % ${HOUR_MS} FROM hot_events))
        AND minute - minute % ${HOUR_MS} NOT IN (SELECT hour FROM dirty_hours)`,
      before: floorTo(minutesBefore, HOUR_MS),
    },
    // By whole days, and only those whose file was read back and holds all of their marks.
    {
      table: "minute_marks",
      key: "symbol, exchange, minute",
      source: FILED_MARKS,
      expired: `day <= ?1 - ${DAY_MS}`,
      before: minutesBefore,
    },
    { table: "hour_marks", key: "hour, symbol, exchange", expired: "hour < ?1", before: hoursKeptFrom(scheduledTime) },
    {
      table: "hour_totals",
      key: "symbol, hour, exchange, position_side",
      source: rowsBySymbol("hour_totals"),
      expired: "hour < ?1",
      before: scheduledTime - HOURS_KEPT_MS,
    },
    {
      table: "day_totals",
      key: "symbol, day, exchange, position_side",
      source: rowsBySymbol("day_totals"),
      expired: "day < ?1",
      before: scheduledTime - HOURS_KEPT_MS,
    },
    // Those of minutes go with their minutes.
    {
      table: "total_blocks",
      key: "step_ms, time, exchange",
      expired: `step_ms = ${MINUTE_MS} AND time < min(?1, (SELECT from_time - from_time % ${HOUR_MS} FROM hot_events))
        AND time - time % ${HOUR_MS} NOT IN (SELECT hour FROM dirty_hours)`,
      before: floorTo(minutesBefore, HOUR_MS),
    },
    {
      table: "total_blocks",
      key: "step_ms, time, exchange",
      expired: `step_ms IN (${HOUR_MS}, ${DAY_MS}) AND time < ?1`,
      before: scheduledTime - HOURS_KEPT_MS,
    },
    {
      table: "symbol_blocks",
      key: "symbol, step_ms, time",
      expired: `step_ms = ${MINUTE_MS} AND time <= ?1 - ${HOUR_MS} AND time NOT IN (SELECT hour FROM dirty_hours)`,
      before: floorTo(minutesBefore, HOUR_MS),
    },
    {
      table: "symbol_blocks",
      key: "symbol, step_ms, time",
      expired: `step_ms IN (${HOUR_MS}, ${DAY_MS}) AND time <= ?1 - ${DAY_MS}`,
      before: scheduledTime - HOURS_KEPT_MS,
    },
    { table: "gaps", key: "exchange, from_time", expired: "to_time < ?1", before: scheduledTime - GAPS_KEPT_MS },
    {
      table: "contract_gaps",
      key: "exchange, contract, from_time",
      expired: "to_time < ?1",
      before: scheduledTime - GAPS_KEPT_MS,
    },
    { table: "rule_events", key: "rule_id, time, event_id", expired: "time < ?1", before: scheduledTime - RULE_EVENTS_KEPT_MS },
    // As long as what happened to them is kept.
    { table: "rules", key: "rule_id", expired: OF_ENDED_KEYS, before: scheduledTime - RULE_EVENTS_KEPT_MS },
  ];
}

/** Bursts are known as long as the events: older hours keep their totals alone. A few hours are looked at each time. */
async function forgetBursts(db: D1Database, before: number): Promise<void> {
  const sql = `
    UPDATE total_blocks SET bursts = NULL
    WHERE step_ms = ${HOUR_MS} AND time < ?1 - ${HOUR_MS} AND time >= ?1 - ${DAY_MS} AND bursts IS NOT NULL`;
  await db.prepare(sql).bind(before).run();
}

async function deleteChunk(db: D1Database, { table, key, source = table, expired, before }: Expiry): Promise<number> {
  const sql = `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${source} WHERE ${expired} LIMIT ?2)`;
  const result = await db.prepare(sql).bind(before, CHUNK_ROWS).run();
  return result.meta.changes;
}
