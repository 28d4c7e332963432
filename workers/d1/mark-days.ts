import { DAY_MS } from "../../src/windows/calendar.ts";
import { MARK_SOURCE } from "./mark-reads.ts";

/** A UTC day whose minute marks may be in D1. */
export interface MarkDay {
  /** Start of the day, ms. */
  readonly day: number;
  /** Number of reports of marks of the day so far. */
  readonly reports: number;
  /** Those in the published file; null where the day has none yet. */
  readonly published_reports: number | null;
  /** Those in the file when it was last read back and was right. */
  readonly verified_reports: number | null;
}

const NOTE_REPORTS = `
  INSERT INTO mark_days (day, reports) SELECT value, 1 FROM json_each(?1) WHERE true
  ON CONFLICT (day) DO UPDATE SET reports = reports + 1`;

/** Counts a report for each of these days; it belongs into the transaction that stores the marks. */
export function noteReports(db: D1Database, days: readonly number[]): D1PreparedStatement {
  return db.prepare(NOTE_REPORTS).bind(JSON.stringify(days));
}

/** The days since the last known one, at most a year of them. A system without any begins today. */
const OPEN = `
  WITH RECURSIVE missing(day) AS (
    SELECT coalesce((SELECT max(day) + ${DAY_MS} FROM mark_days WHERE day <= ?1), ?1)
    UNION ALL
    SELECT day + ${DAY_MS} FROM missing WHERE day < ?1
  )
  INSERT INTO mark_days (day) SELECT day FROM missing WHERE day <= ?1 AND day > ?1 - 366 * ${DAY_MS} ON CONFLICT (day) DO NOTHING`;

/** Makes sure that every day up to this one is known, whether it has a mark or not. */
export async function openDays(db: D1Database, today: number): Promise<void> {
  await db.prepare(OPEN).bind(today).run();
}

/** The starts of all days whose marks may be in D1. */
export async function knownDays(db: D1Database): Promise<readonly number[]> {
  const { results } = await db.prepare("SELECT day FROM mark_days ORDER BY day").all<{ day: number }>();
  return results.map(({ day }) => day);
}

/** The known days that ended by a time, oldest first. */
export async function closedDays(db: D1Database, now: number): Promise<readonly MarkDay[]> {
  const sql = "SELECT day, reports, published_reports, verified_reports FROM mark_days WHERE day + ?2 <= ?1 ORDER BY day";
  return (await db.prepare(sql).bind(now, DAY_MS).all<MarkDay>()).results;
}

/** The file of a day has its first so many reports. */
export async function notePublished(db: D1Database, day: number, reports: number): Promise<void> {
  await db.prepare("UPDATE mark_days SET published_reports = ?2 WHERE day = ?1").bind(day, reports).run();
}

/** The day has no file any more. */
export async function noteUnpublished(db: D1Database, day: number): Promise<void> {
  await db.prepare("UPDATE mark_days SET published_reports = NULL, verified_reports = NULL WHERE day = ?1").bind(day).run();
}

export async function noteVerified(db: D1Database, { day, reports }: MarkDay): Promise<void> {
  await db.prepare("UPDATE mark_days SET verified_reports = ?2 WHERE day = ?1").bind(day, reports).run();
}

const FORGET = `
  DELETE FROM mark_days WHERE day < ?1 AND verified_reports = reports AND NOT EXISTS (
    SELECT 1 FROM ${MARK_SOURCE} WHERE minute >= mark_days.day AND minute < mark_days.day + ${DAY_MS})`;

/** Forgets days before a time whose marks are all in their files and deleted here. */
export async function forgetDays(db: D1Database, before: number): Promise<void> {
  await db.prepare(FORGET).bind(before).run();
}

/** The marks of days with a verified file, as a FROM clause, so that only they are read. */
export const FILED_MARKS = `
  mark_days CROSS JOIN ${MARK_SOURCE} AND minute >= day AND minute < day + ${DAY_MS} AND verified_reports = reports`;
