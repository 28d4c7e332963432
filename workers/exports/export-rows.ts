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
/**
 * The rows that a running export reserves of its owner's quota: its estimate, or its rows once there are more. An export
 * that fails or is deleted reserves nothing any more, and one that is done counts with its rows (`finishExport`).
 */
const RESERVED = "coalesce(sum(max(estimated_rows, rows)), 0)";

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
          - (SELECT ${RESERVED} FROM exports WHERE owner = ?2 AND ${OPEN}), ?4) >= ?4)
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
  const source =
    owner === null ? "exports INDEXED BY exports_by_time WHERE ?1 IS NULL" : "exports INDEXED BY exports_by_owner WHERE owner = ?1";
  const sql = `
    SELECT ${COLUMNS} FROM ${source} AND (created_time, export_id) < (?2, ?3)
    ORDER BY created_time DESC, export_id DESC LIMIT ?4`;
  const { results } = await db.prepare(sql).bind(owner, before.time, before.id, limit).all<Stored>();
  return results.map(exportOf);
}

/** The running exports of an owner, and the rows that they reserve of its quota. */
export async function openExports(db: D1Database, owner: string): Promise<{ readonly count: number; readonly reserved_rows: number }> {
  const sql = `SELECT count(*) AS count, ${RESERVED} AS reserved_rows FROM exports WHERE owner = ?1 AND ${OPEN}`;
  return (await db.prepare(sql).bind(owner).first()) ?? { count: 0, reserved_rows: 0 };
}

/** Takes over an export: a worker with a smaller number stops. Null where nothing is left to do. */
export function claimExport(db: D1Database, id: string, now: number): Promise<number | null> {
  return db
    .prepare(`UPDATE exports SET starts = starts + 1, updated_time = ?2 WHERE export_id = ?1 AND ${OPEN} RETURNING starts`)
    .bind(id, now)
    .first<number>("starts");
}

export interface Progress {
  readonly rows: number;
  readonly done_until: number;
  readonly now: number;
  /** The UTC date of now, whose quota the rows are reserved of. */
  readonly date: string;
}

/** What the owner of a running export may have in it: its quota without the day's usage and without its other exports. */
const ROOM = `coalesce(
  (SELECT export_rows_per_day FROM api_keys WHERE key_id = exports.owner)
    - coalesce((SELECT export_rows FROM api_usage WHERE key_id = exports.owner AND date = ?6), 0)
    - (SELECT ${RESERVED} FROM exports AS other WHERE other.owner = exports.owner AND other.export_id <> exports.export_id AND other.${OPEN}),
  ?3)`;

/**
 * Records the progress of the worker with this number, and so reserves its rows of the owner's quota: in one statement, so
 * that exports that run at once never have more rows together than the quota.
 * @returns `superseded` where another worker took the export over or it ended, `over_quota` where its rows are too many
 */
export async function noteProgress(
  db: D1Database,
  { export_id, starts }: Pick<ExportRow, "export_id" | "starts">,
  { rows, done_until, now, date }: Progress,
): Promise<"noted" | "superseded" | "over_quota"> {
  const own = `export_id = ?1 AND starts = ?2 AND ${OPEN}`;
  const sql = `
    UPDATE exports SET state = 'running', rows = ?3, done_until = ?4, updated_time = ?5
    WHERE ${own} AND (?3 <= max(estimated_rows, rows) OR ?3 <= ${ROOM})`;
  const { meta } = await db.prepare(sql).bind(export_id, starts, rows, done_until, now, date).run();
  if (meta.changes > 0) return "noted";
  const isOwn = await db.prepare(`SELECT 1 AS own FROM exports WHERE ${own}`).bind(export_id, starts).first("own");
  return isOwn === null ? "superseded" : "over_quota";
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
