import { formatApiKey, shownPrefix } from "../../src/access/api-key.ts";
import { sha256Hex } from "../../src/sha256.ts";
import { IDEMPOTENT_FOR_MS, type IdempotentRequest } from "../d1/idempotent-requests.ts";
import { hmac } from "./digest.ts";

/**
 * A key that is rotated keeps its id, and with it its quotas, usage, webhooks and exports; only its secret changes. The former
 * secret works for a while beside the new one, but cannot rotate.
 */
const ROTATE = `
  UPDATE api_keys SET key_hash = ?3, prefix = ?4, previous_hash = ?2, previous_until = ?5, rotation_key = ?6, rotation_hash = ?7,
    rotation_seed = ?8, rotated_time = ?9
  WHERE key_id = ?1 AND key_hash = ?2`;
const LAST = `SELECT key_hash, rotation_hash, rotation_seed FROM api_keys WHERE key_id = ?1 AND rotation_key = ?2 AND rotated_time >= ?3`;

/** `replaced`: the credential is the former one. `mismatch`: the idempotency key was used with another body. */
export type Rotated = { readonly kind: "rotated"; readonly key: string } | { readonly kind: "replaced" } | { readonly kind: "mismatch" };

/**
 * Gives a key a new secret. A repetition of the request by the same credential within 24 h returns the same one: it is the HMAC
 * of a seed under that credential, so that nothing stored reveals it.
 * @param request with an idempotency key; null where the request has none
 * @param previousUntil time until which the former secret works, ms
 */
export async function rotateKey(
  db: D1Database,
  keyId: string,
  credential: string,
  request: IdempotentRequest | null,
  previousUntil: number,
  now: number,
): Promise<Rotated> {
  const seed = formatApiKey(crypto.getRandomValues(new Uint8Array(32)));
  const key = request === null ? formatApiKey(crypto.getRandomValues(new Uint8Array(32))) : await keyOfSeed(credential, seed);
  const values = [keyId, await sha256Hex(credential), await sha256Hex(key), shownPrefix(key), previousUntil];
  const repeatable = request === null ? [null, null, null] : [request.key, request.hash, seed];
  const { meta } = await db
    .prepare(ROTATE)
    .bind(...values, ...repeatable, now)
    .run();
  if (meta.changes > 0) return { kind: "rotated", key };
  return request === null ? { kind: "replaced" } : repeated(db, keyId, credential, request, now);
}

/** The secret that an earlier request with the same idempotency key and credential was given. */
async function repeated(db: D1Database, keyId: string, credential: string, request: IdempotentRequest, now: number): Promise<Rotated> {
  const last = await db
    .prepare(LAST)
    .bind(keyId, request.key, now - IDEMPOTENT_FOR_MS)
    .first<{ key_hash: string; rotation_hash: string; rotation_seed: string }>();
  if (last === null) return { kind: "replaced" };
  if (last.rotation_hash !== request.hash) return { kind: "mismatch" };
  const key = await keyOfSeed(credential, last.rotation_seed);
  return (await sha256Hex(key)) === last.key_hash ? { kind: "rotated", key } : { kind: "replaced" };
}

async function keyOfSeed(credential: string, seed: string): Promise<string> {
  return formatApiKey(await hmac(credential, seed));
}
