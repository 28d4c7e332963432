import { type Scope, formatApiKey, shownPrefix } from "../../src/access/api-key.ts";
import { IDEMPOTENT_FOR_MS, type IdempotentRequest } from "../d1/idempotent-requests.ts";
import { sha256Hex } from "../../src/sha256.ts";
import { hmac } from "./digest.ts";
import { newId } from "../new-id.ts";

/** A key as the API shows it; times in ms. */
export interface ApiKey {
  readonly key_id: string;
  readonly prefix: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly requests_per_day: number | null;
  readonly export_rows_per_day: number | null;
  readonly created_time: number;
  readonly expires_time: number | null;
  /** Time until which the former secret of a rotated key works; null where it was never rotated. */
  readonly previous_key_expires_time: number | null;
  readonly revoked_time: number | null;
}

export type NewKey = Pick<ApiKey, "name" | "scopes" | "requests_per_day" | "export_rows_per_day" | "expires_time">;

export interface KeyRow extends Omit<ApiKey, "scopes"> {
  readonly scopes: string;
}

const COLUMNS = `key_id, prefix, name, scopes, requests_per_day, export_rows_per_day, created_time, expires_time,
  previous_until AS previous_key_expires_time, revoked_time`;
/** The key with a secret, or with a former secret that still works; each has an index. */
export const HAS_SECRET = "(key_hash = ?1 OR (previous_hash = ?1 AND previous_until > ?2))";

const INSERT = `
  INSERT INTO api_keys (key_id, key_hash, prefix, name, scopes, requests_per_day, export_rows_per_day, created_time, expires_time,
                        idempotency_key, request_hash, seed)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (idempotency_key) DO NOTHING`;

export interface MadeKey {
  readonly key_id: string;
  /** The secret, shown only once. */
  readonly key: string;
}

/** Creates a random key. */
export async function insertKey(db: D1Database, asked: NewKey, now: number): Promise<MadeKey> {
  const key_id = newId("key");
  const key = formatApiKey(crypto.getRandomValues(new Uint8Array(32)));
  await insert(db, { key_id, key }, asked, null, now);
  return { key_id, key };
}

/**
 * Creates a key that a repetition of the request by the same caller within 24 h returns again. The key is the HMAC of a
 * seed under the caller's own credential. The seed is kept for those 24 h, so that nothing stored reveals the key.
 * @param request with an idempotency key in the name of its caller
 * @returns null where the idempotency key was already used with another body or another credential
 */
export async function insertKeyOnce(
  db: D1Database,
  asked: NewKey,
  request: IdempotentRequest,
  credential: string,
  now: number,
): Promise<MadeKey | null> {
  await forgetKeyRequests(db, now);
  const seed = formatApiKey(crypto.getRandomValues(new Uint8Array(32)));
  const fresh = { key_id: newId("key"), key: await keyOfSeed(credential, seed) };
  await insert(db, fresh, asked, { ...request, seed }, now);
  const stored = await db
    .prepare("SELECT key_id, key_hash, request_hash, seed FROM api_keys WHERE idempotency_key = ?1")
    .bind(request.key)
    .first<{ key_id: string; key_hash: string; request_hash: string; seed: string }>();
  if (stored === null || stored.request_hash !== request.hash) return null;
  const key = await keyOfSeed(credential, stored.seed);
  return (await sha256Hex(key)) === stored.key_hash ? { key_id: stored.key_id, key } : null;
}

/** Whether a key was created with this idempotency key, in the name of its caller, within the last 24 h. */
export async function isKnownRequest(db: D1Database, idempotencyKey: string | null, now: number): Promise<boolean> {
  const recent = db.prepare("SELECT 1 AS known FROM api_keys WHERE idempotency_key = ?1 AND created_time >= ?2");
  return (await recent.bind(idempotencyKey, now - IDEMPOTENT_FOR_MS).first("known")) !== null;
}

/**
 * Deletes the idempotency keys and seeds of requests older than 24 h.
 * @returns the number of requests
 */
export async function forgetKeyRequests(db: D1Database, now: number): Promise<number> {
  const { meta } = await db
    .prepare("UPDATE api_keys SET idempotency_key = NULL, request_hash = NULL, seed = NULL WHERE created_time < ?1 AND seed IS NOT NULL")
    .bind(now - IDEMPOTENT_FOR_MS)
    .run();
  return meta.changes;
}

async function insert(
  db: D1Database,
  { key_id, key }: MadeKey,
  asked: NewKey,
  request: (IdempotentRequest & { readonly seed: string }) | null,
  now: number,
): Promise<void> {
  const { name, scopes, requests_per_day, export_rows_per_day, expires_time } = asked;
  const values = [name, JSON.stringify(scopes), requests_per_day, export_rows_per_day, now, expires_time];
  await db
    .prepare(INSERT)
    .bind(key_id, await sha256Hex(key), shownPrefix(key), ...values, request?.key ?? null, request?.hash ?? null, request?.seed ?? null)
    .run();
}

async function keyOfSeed(credential: string, seed: string): Promise<string> {
  return formatApiKey(await hmac(credential, seed));
}

/** Keys before a place, newest first, including revoked and expired ones. */
export async function readKeys(
  db: D1Database,
  before: { readonly time: number; readonly id: string },
  limit: number,
): Promise<readonly ApiKey[]> {
  const sql = `SELECT ${COLUMNS} FROM api_keys WHERE (created_time, key_id) < (?1, ?2) ORDER BY created_time DESC, key_id DESC LIMIT ?3`;
  const { results } = await db.prepare(sql).bind(before.time, before.id, limit).all<KeyRow>();
  return results.map(keyOf);
}

export async function readKey(db: D1Database, id: string): Promise<ApiKey | null> {
  const row = await db.prepare(`SELECT ${COLUMNS} FROM api_keys WHERE key_id = ?1`).bind(id).first<KeyRow>();
  return row === null ? null : keyOf(row);
}

/** The keys with these ids, by id; one that does not exist is absent. */
export async function readKeysOf(db: D1Database, ids: readonly string[]): Promise<ReadonlyMap<string, ApiKey>> {
  const sql = `SELECT ${COLUMNS} FROM api_keys WHERE key_id IN (SELECT value FROM json_each(?1))`;
  const { results } = await db.prepare(sql).bind(JSON.stringify(ids)).all<KeyRow>();
  return new Map(results.map((row) => [row.key_id, keyOf(row)]));
}

/** Revokes a key at once. A key that was revoked before keeps its first time. */
export async function revokeKey(db: D1Database, id: string, now: number): Promise<void> {
  await db.prepare("UPDATE api_keys SET revoked_time = coalesce(revoked_time, ?2) WHERE key_id = ?1").bind(id, now).run();
}

/** The statement that reads the key with the secret of this hash; pass its row to `keyOf`. */
export function keyByHash(db: D1Database, hash: string, now: number): D1PreparedStatement {
  return db.prepare(`SELECT ${COLUMNS} FROM api_keys WHERE ${HAS_SECRET}`).bind(hash, now);
}

export function keyOf({ scopes, ...row }: KeyRow): ApiKey {
  return { ...row, scopes: JSON.parse(scopes) as readonly Scope[] };
}

/** The reason why the key is not valid; null where it is. */
export function refusalOfKey({ revoked_time, expires_time }: ApiKey, now: number): string | null {
  if (revoked_time !== null) return `This API key was revoked at ${new Date(revoked_time).toISOString()}.`;
  if (expires_time !== null && expires_time <= now) return `This API key expired at ${new Date(expires_time).toISOString()}.`;
  return null;
}
