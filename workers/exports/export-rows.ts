import { type ExportRequest, exportRequest } from "../../src/exports/export-request.ts";
import type { IdempotentRequest } from "../d1/idempotent-requests.ts";

/** `queued` → `running` → `done` or `failed` → `expired`. */
export const EXPORT_STATES = ["queued", "running", "done", "failed", "expired"] as const;
export type ExportState = (typeof EXPORT_STATES)[number];

/** An export as stored in D1; times in ms. */
export interface ExportRow {
  readonly export_id: string;
  readonly owner: string;
  readonly state: ExportState;
  readonly request: ExportRequest;
  readonly estimated_rows: number;
  /** Number of rows so far. */
  readonly rows: number;
  /** Every event before this time is written. */
  readonly done_until: number;
  readonly bytes: number | null;
  readonly files: number | null;
  readonly error: string | null;
  readonly created_time: number;
  readonly updated_time: number;
  readonly finished_time: number | null;
  readonly expires_time: number | null;
  readonly starts: number;
}

type Stored = Omit<ExportRow, "request"> & { readonly request: string };

const COLUMNS = `export_id, owner, state, request, estimated_rows, rows, done_until, bytes, files, error,
  created_time, updated_time, finished_time, expires_time, starts`;

/** States of an export that is not finished. */
const OPEN = "state IN ('queued', 'running')";

export interface NewExport {
  readonly export_id: string;
  readonly owner: string;
  readonly request: ExportRequest;
  readonly estimated_rows: number;
  readonly created_time: number;
  /** Null where the request has no idempotency key. */
  readonly idempotency: IdempotentRequest | null;
  /** The limits that the insert statement checks; null for no check. */
  readonly room?: { readonly maxOpen: number; readonly date: string } | null;
}

/**
 * Inserts a new export. If its owner already created one under the same idempotency key, nothing changes.
 * @returns whether it was inserted
 */
export async function insertExport(db: D1Database, made: NewExport): Promise<boolean> {
  const sql = `
    INSERT INTO exports (export_id, owner, state, request, estimated_rows, done_until, created_time, updated_time, idempotency_key, request_hash)
    SELECT ?1, ?2, 'queued', ?3, ?4, ?5, ?6, ?6, ?7, ?8
    WHERE ?9 IS NULL OR (
      (SELECT count(*) FROM exports WHERE owner = ?2 AND ${OPEN}) < ?9
      AND coalesce(
        (SELECT export_rows_per_day FROM api_keys WHERE key_id = ?2)
          - coalesce((SELECT export_rows FROM api_usage WHERE key_id = ?2 AND date = ?10), 0)
          - (SELECT coalesce(sum(estimated_rows), 0) FROM exports WHERE owner = ?2 AND ${OPEN}), ?4) >= ?4)
    ON CONFLICT (owner, idempotency_key) DO NOTHING`;
  const { export_id, owner, request, estimated_rows, created_time, idempotency, room } = made;
  const result = await db
    .prepare(sql)
    .bind(
      export_id,
      owner,
      JSON.stringify(request),
      estimated_rows,
      request.start,
      created_time,
      idempotency?.key ?? null,
      idempotency?.hash ?? null,
      room?.maxOpen ?? null,
      room?.date ?? null,
    )
    .run();
  return result.meta.changes > 0;
}

export async function readExport(db: D1Database, id: string): Promise<ExportRow | null> {
  const row = await db.prepare(`SELECT ${COLUMNS} FROM exports WHERE export_id = ?1`).bind(id).first<Stored>();
  return row === null ? null : exportOf(row);
}

/** Exports before a place, newest first, of one owner or of all. */
export async function listExports(
  db: D1Database,
  owner: string | null,
  before: { readonly time: number; readonly id: string },
  limit: number,
): Promise<readonly ExportRow[]> {
  const sql = `
    SELECT ${COLUMNS} FROM exports WHERE (?1 IS NULL OR owner = ?1) AND (created_time, export_id) < (?2, ?3)
    ORDER BY created_time DESC, export_id DESC LIMIT ?4`;
  const { results } = await db.prepare(sql).bind(owner, before.time, before.id, limit).all<Stored>();
  return results.map(exportOf);
}

/** The running exports of an owner. */
export async function openExports(db: D1Database, owner: string): Promise<{ readonly count: number; readonly estimated_rows: number }> {
  const sql = `SELECT count(*) AS count, coalesce(sum(estimated_rows), 0) AS estimated_rows FROM exports WHERE owner = ?1 AND ${OPEN}`;
  return (await db.prepare(sql).bind(owner).first()) ?? { count: 0, estimated_rows: 0 };
}

/** Takes over an export: a worker with a smaller number stops. Null where nothing is left to do. */
export function claimExport(db: D1Database, id: string, now: number): Promise<number | null> {
  return db
    .prepare(`UPDATE exports SET starts = starts + 1, updated_time = ?2 WHERE export_id = ?1 AND ${OPEN} RETURNING starts`)
    .bind(id, now)
    .first<number>("starts");
}

/** Records the progress of the worker with this number. */
export async function noteProgress(
  db: D1Database,
  { export_id, starts }: Pick<ExportRow, "export_id" | "starts">,
  { rows, done_until, now }: { readonly rows: number; readonly done_until: number; readonly now: number },
): Promise<void> {
  const sql = `UPDATE exports SET state = 'running', rows = ?3, done_until = ?4, updated_time = ?5 WHERE export_id = ?1 AND starts = ?2 AND ${OPEN}`;
  await db.prepare(sql).bind(export_id, starts, rows, done_until, now).run();
}

export interface Finished {
  readonly rows: number;
  readonly bytes: number;
  readonly files: number;
  readonly now: number;
  readonly expires_time: number;
}

/**
 * Marks an export as done and adds its rows to its owner's usage, both or neither. Repeating it, or calling it from a
 * superseded worker, has no effect.
 */
export async function finishExport(
  db: D1Database,
  { export_id: id, starts }: Pick<ExportRow, "export_id" | "starts">,
  date: string,
  finished: Finished,
): Promise<void> {
  const count = `
    INSERT INTO api_usage (key_id, date, export_rows)
    SELECT owner, ?2, ?3 FROM exports WHERE export_id = ?1 AND starts = ?4 AND owner <> 'admin' AND ${OPEN}
    ON CONFLICT (key_id, date) DO UPDATE SET export_rows = export_rows + excluded.export_rows`;
  const finish = `
    UPDATE exports SET state = 'done', rows = ?2, bytes = ?3, files = ?4, updated_time = ?5, finished_time = ?5, expires_time = ?6,
      done_until = json_extract(request, '$.end') WHERE export_id = ?1 AND starts = ?7 AND ${OPEN}`;
  const { rows, bytes, files, now, expires_time } = finished;
  await db.batch([
    db.prepare(count).bind(id, date, rows, starts),
    db.prepare(finish).bind(id, rows, bytes, files, now, expires_time, starts),
  ]);
}

/** @returns whether this worker still owned the export */
export async function failExport(
  db: D1Database,
  { export_id: id, starts }: Pick<ExportRow, "export_id" | "starts">,
  error: string,
  now: number,
  expires: number,
): Promise<boolean> {
  const sql = `
    UPDATE exports SET state = 'failed', error = ?2, updated_time = ?3, finished_time = ?3, expires_time = ?4
    WHERE export_id = ?1 AND starts = ?5 AND ${OPEN}`;
  return (await db.prepare(sql).bind(id, error.slice(0, 500), now, expires, starts).run()).meta.changes > 0;
}

export async function expireExport(db: D1Database, id: string, now: number): Promise<void> {
  await db.prepare("UPDATE exports SET state = 'expired', updated_time = ?2 WHERE export_id = ?1").bind(id, now).run();
}

/** Running exports without progress since a time. */
export async function stalledExports(db: D1Database, since: number): Promise<readonly Pick<ExportRow, "export_id" | "starts">[]> {
  const stalled = db.prepare(`SELECT export_id, starts FROM exports WHERE ${OPEN} AND updated_time < ?1`);
  return (await stalled.bind(since).all<Pick<ExportRow, "export_id" | "starts">>()).results;
}

export async function overdueExports(db: D1Database, now: number, limit: number): Promise<readonly string[]> {
  const sql = "SELECT export_id FROM exports WHERE state IN ('done', 'failed') AND expires_time <= ?1 LIMIT ?2";
  const { results } = await db.prepare(sql).bind(now, limit).all<{ export_id: string }>();
  return results.map(({ export_id }) => export_id);
}

/** Deletes exports with files that were deleted before a time. */
export async function forgetExports(db: D1Database, before: number): Promise<void> {
  await db.prepare("DELETE FROM exports WHERE state = 'expired' AND updated_time < ?1").bind(before).run();
}

function exportOf({ request, ...row }: Stored): ExportRow {
  return { ...row, request: exportRequest.parse(JSON.parse(request)) };
}
