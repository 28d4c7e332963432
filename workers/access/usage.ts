import { utcDate } from "../../src/batch-object.ts";
import { DAY_MS, floorTo } from "../../src/windows/calendar.ts";
import { HAS_SECRET } from "./keys.ts";

/** The usage of a key on one UTC date. Refused requests count too. */
export interface Usage {
  readonly date: string;
  readonly requests: number;
  /** Rows of finished exports. */
  readonly export_rows: number;
  readonly download_bytes: number;
}

const COUNT_REQUEST = `
  INSERT INTO api_usage (key_id, date, requests)
  SELECT key_id, ?3, 1 FROM api_keys WHERE ${HAS_SECRET} AND revoked_time IS NULL AND (expires_time IS NULL OR expires_time > ?2)
  ON CONFLICT (key_id, date) DO UPDATE SET requests = requests + 1
  RETURNING date, requests, export_rows, download_bytes`;

const ADD = `
  INSERT INTO api_usage (key_id, date, download_bytes) VALUES (?1, ?2, ?3)
  ON CONFLICT (key_id, date) DO UPDATE SET download_bytes = download_bytes + excluded.download_bytes`;

/** The statement that counts a request of the key with this hash if the key is valid, and returns its usage of the day. */
export function countRequest(db: D1Database, hash: string, now: number): D1PreparedStatement {
  return db.prepare(COUNT_REQUEST).bind(hash, now, utcDate(now));
}

/** The statement that adds to the bytes a key downloaded today. */
export function addDownload(db: D1Database, keyId: string, now: number, bytes: number): D1PreparedStatement {
  return db.prepare(ADD).bind(keyId, utcDate(now), bytes);
}

/** A key's usage by date, newest first, without the dates that have no request. */
export async function readUsage(db: D1Database, keyId: string, now: number, days: number): Promise<readonly Usage[]> {
  const sql = "SELECT date, requests, export_rows, download_bytes FROM api_usage WHERE key_id = ?1 AND date > ?2 ORDER BY date DESC";
  const { results } = await db
    .prepare(sql)
    .bind(keyId, utcDate(now - days * DAY_MS))
    .all<Usage>();
  return results;
}

/** Deletes the usage before a time. */
export async function forgetUsage(db: D1Database, before: number): Promise<void> {
  await db.prepare("DELETE FROM api_usage WHERE date < ?1").bind(utcDate(before)).run();
}

/** The time at which the daily quotas reset, ms. */
export function quotaResetTime(now: number): number {
  return floorTo(now, DAY_MS) + DAY_MS;
}
