import { HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { HOURS_KEPT_MS, MINUTES_KEPT_MS, EVENTS_MARGIN_MS } from "../../src/windows/kept.ts";
import { closeEvents } from "../d1/hot-events.ts";
import type { FeedReport } from "../feeds.ts";

/** Kept as long as the totals that they qualify. */
const GAPS_KEPT_MS = HOURS_KEPT_MS;

/** D1 stops a statement after 30 s; deleting this many rows takes well under one second. */
const CHUNK_ROWS = 2_000;
/** Maximum number of statements per run; the rest waits for the next minute. */
const MAX_CHUNKS = 20;

type Table = "liquidations" | "minute_totals" | "minute_marks" | "hour_totals" | "gaps" | "contract_gaps";

interface Expiry {
  readonly table: Table;
  readonly key: string;
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
  const deleted = { liquidations: 0, minute_totals: 0, minute_marks: 0, hour_totals: 0, gaps: 0, contract_gaps: 0 };
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
      key: "minute, symbol, exchange, position_side",
      expired: `minute < min(?1, (SELECT from_time - from_time % ${HOUR_MS} FROM hot_events))
        AND minute - minute % ${HOUR_MS} NOT IN (SELECT hour FROM dirty_hours)`,
      before: floorTo(minutesBefore, HOUR_MS),
    },
    { table: "minute_marks", key: "minute, symbol", expired: "minute < ?1", before: minutesBefore },
    {
      table: "hour_totals",
      key: "hour, symbol, exchange, position_side",
      expired: "hour < ?1",
      before: scheduledTime - HOURS_KEPT_MS,
    },
    { table: "gaps", key: "exchange, from_time", expired: "to_time < ?1", before: scheduledTime - GAPS_KEPT_MS },
    {
      table: "contract_gaps",
      key: "exchange, contract, from_time",
      expired: "to_time < ?1",
      before: scheduledTime - GAPS_KEPT_MS,
    },
  ];
}

async function deleteChunk(db: D1Database, { table, key, expired, before }: Expiry): Promise<number> {
  const sql = `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${expired} LIMIT ?2)`;
  const result = await db.prepare(sql).bind(before, CHUNK_ROWS).run();
  return result.meta.changes;
}
