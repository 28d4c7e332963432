import { MINUTE_MS } from "../../src/windows/calendar.ts";
import { rowsOf } from "./rows-of.ts";

/** The time since which `liquidations` holds every stored event. */
export async function hotEventsFrom(db: D1Database): Promise<number> {
  return eventsFromOf(await hotEvents(db).all());
}

/** The statement that reads it; pass its row to `eventsFromOf`. */
export function hotEvents(db: D1Database): D1PreparedStatement {
  return db.prepare("SELECT from_time FROM hot_events");
}

export function eventsFromOf(result: D1Result | undefined): number {
  return rowsOf<{ from_time: number }>(result)[0]?.from_time ?? 0;
}

/**
 * Retention closes no minute of a refill for this long after its request. Later, the rows that the feeds have not sent yet
 * hold it back; a run that asked the feeds before the request does not know of them.
 */
const HOLD_MS = 10 * MINUTE_MS;

/** Makes D1 accept the events from a full minute, ms, on again; totals are recomputed from them. */
export async function reopenEvents(db: D1Database, start: number, now: number): Promise<void> {
  const sql = `
    UPDATE hot_events SET from_time = min(from_time, ?1),
      held_from = iif(held_until > ?2, min(held_from, ?1), ?1), held_until = ?2 + ${HOLD_MS}`;
  await db.prepare(sql).bind(start, now).run();
}

/** ?1 the time that retention allows, ?2 the present; earlier where a refill of D1 holds it back. */
const CLOSED_BEFORE = `min(?1, iif(held_until > ?2, held_from, ?1), coalesce(
  (SELECT start_time FROM store_refills WHERE store = 'd1' AND finished_time IS NULL), ?1))`;

/**
 * Makes the totals of the minutes before a time final, as far as no refill of D1 is to fill them. One statement, so that
 * a refill that begins at the same time is not overlooked.
 * @returns the time before which events may be deleted, ms
 */
export async function closeEvents(db: D1Database, before: number, now: number): Promise<number> {
  const sql = `UPDATE hot_events SET from_time = max(from_time, ${CLOSED_BEFORE}) RETURNING ${CLOSED_BEFORE} AS closed_before`;
  return (await db.prepare(sql).bind(before, now).first<number>("closed_before")) ?? 0;
}
