import { DAY_MS } from "../../src/windows/calendar.ts";

/** The idempotency key of a request that may be repeated, and a digest of its body. */
export interface IdempotentRequest {
  /** The header `Idempotency-Key`. */
  readonly key: string;
  readonly hash: string;
}

/** The id created by an earlier request with the same key, and the digest of its body. */
export interface EarlierRequest {
  readonly id: string;
  readonly hash: string;
}

/** A request repeated within this time, ms, gets the first response and creates nothing. */
export const IDEMPOTENT_FOR_MS = DAY_MS;

/** The tables with the request that created each row, and the column of its id. */
const IDS = { exports: "export_id", webhook_endpoints: "endpoint_id", rules: "rule_id" } as const;

/** The request by which an owner created a row with this key within the last 24 h; older keys are deleted and may be reused. */
export async function earlierRequest(
  db: D1Database,
  table: keyof typeof IDS,
  { key }: IdempotentRequest,
  owner: string,
  now: number,
): Promise<EarlierRequest | null> {
  const own = "idempotency_key = ?1 AND owner = ?2";
  await db
    .prepare(`UPDATE ${table} SET idempotency_key = NULL WHERE ${own} AND created_time < ?3`)
    .bind(key, owner, now - IDEMPOTENT_FOR_MS)
    .run();
  return db.prepare(`SELECT ${IDS[table]} AS id, request_hash AS hash FROM ${table} WHERE ${own}`).bind(key, owner).first();
}
