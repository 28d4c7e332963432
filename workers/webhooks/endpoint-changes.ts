import { BUILT_IN_IDS } from "../../src/webhooks/built-in-endpoints.ts";
import type { EventFilter } from "../../src/webhooks/event.ts";
import type { Updates } from "../../src/webhooks/formats/chat-request.ts";
import type { FormatName } from "../../src/webhooks/formats/format.ts";
import type { IdempotentRequest } from "../d1/idempotent-requests.ts";
import type { Env } from "../env.ts";

/**
 * An endpoint is a row in D1 and an object that delivers. The row comes first and goes last, and is listed only while the
 * object exists: `opening` → `open` → `closing`. A request that is interrupted in between leaves a row that
 * `closeUnfinished` finds, so that neither is ever without the other.
 */

export interface NewEndpoint extends EventFilter {
  readonly id: string;
  readonly owner: string;
  readonly seesAll: boolean;
  readonly url: string;
  readonly description: string | null;
  readonly format: FormatName;
  readonly updates: Updates;
}

/** Maximum numbers of endpoints, without the built-in ones: of all owners, and of one that is no admin. */
export const MAX_ENDPOINTS = 50;
export const MAX_OWN_ENDPOINTS = 10;

const CREATED = `endpoint_id NOT IN (${BUILT_IN_IDS.map((id) => `'${id}'`).join(", ")})`;
const CLAIM = `
  INSERT INTO webhook_endpoints (endpoint_id, owner, sees_all, state, url, description, format, events, symbols, actions,
                                 min_confidence, min_usd, min_flow_usd, updates, created_time, idempotency_key, request_hash)
  SELECT ?1, ?2, ?3, 'opening', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16
  WHERE (SELECT count(*) FROM webhook_endpoints WHERE ${CREATED}) < ${MAX_ENDPOINTS}
    AND (?3 = 1 OR (SELECT count(*) FROM webhook_endpoints WHERE owner = ?2) < ${MAX_OWN_ENDPOINTS})
  ON CONFLICT (owner, idempotency_key) DO NOTHING`;

/**
 * Inserts the row of a new endpoint, which is not listed yet.
 * @param request null where the request has no idempotency key
 * @returns false where there are too many endpoints, or where its owner sent the idempotency key before
 */
export async function claimEndpoint(
  db: D1Database,
  endpoint: NewEndpoint,
  request: IdempotentRequest | null,
  now: number,
): Promise<boolean> {
  const { id, owner, seesAll, url, description, format, events, symbols, actions, min_confidence, min_usd, min_flow_usd } = endpoint;
  const filter = [json(events), json(symbols), json(actions), min_confidence, json(min_usd), json(min_flow_usd), endpoint.updates];
  const values = [id, owner, seesAll ? 1 : 0, url, description, format, ...filter, now];
  const result = await db
    .prepare(CLAIM)
    .bind(...values, request?.key ?? null, request?.hash ?? null)
    .run();
  return result.meta.changes > 0;
}

/** Lists an endpoint, now that its object exists; false where it was deleted meanwhile. */
export async function listEndpoint(db: D1Database, id: string): Promise<boolean> {
  const sql = "UPDATE webhook_endpoints SET state = 'open' WHERE endpoint_id = ? AND state IN ('opening', 'open')";
  return (await db.prepare(sql).bind(id).run()).meta.changes > 0;
}

/** New values; undefined fields keep their value. */
export type EndpointChanges = { readonly [Name in keyof EventFilter]?: EventFilter[Name] | undefined } & {
  readonly updates?: Updates | undefined;
  readonly description?: string | null | undefined;
};

/** The columns that may change, and how each is stored. */
const CHANGEABLE = {
  events: json,
  symbols: json,
  actions: json,
  min_confidence: (value: unknown) => value as number | null,
  min_usd: json,
  min_flow_usd: json,
  updates: (value: unknown) => value as Updates,
  description: (value: unknown) => value as string | null,
} satisfies Readonly<Record<keyof EndpointChanges, (value: unknown) => string | number | null>>;

export async function changeEndpoint(db: D1Database, id: string, changes: EndpointChanges): Promise<void> {
  const given = Object.entries(CHANGEABLE).flatMap(([name, stored]) => {
    const value = changes[name as keyof EndpointChanges];
    return value === undefined ? [] : [{ name, value: stored(value) }];
  });
  if (given.length === 0) return;
  const assignments = given.map(({ name }, index) => `${name} = ?${index + 2}`).join(", ");
  const sql = `UPDATE webhook_endpoints SET ${assignments} WHERE endpoint_id = ?1`;
  await db
    .prepare(sql)
    .bind(id, ...given.map(({ value }) => value))
    .run();
}

function json(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** Deletes an endpoint with its object and its log. */
export async function deleteEndpoint(env: Pick<Env, "DB" | "WEBHOOK_OUTBOX">, id: string): Promise<void> {
  await env.DB.prepare("UPDATE webhook_endpoints SET state = 'closing' WHERE endpoint_id = ?").bind(id).run();
  await deleteClosing(env, id);
}

async function deleteClosing(env: Pick<Env, "DB" | "WEBHOOK_OUTBOX">, id: string): Promise<void> {
  await env.WEBHOOK_OUTBOX.getByName(id).close();
  await env.DB.batch([
    env.DB.prepare("DELETE FROM webhook_deliveries WHERE endpoint_id = ?").bind(id),
    env.DB.prepare("DELETE FROM webhook_endpoints WHERE endpoint_id = ?").bind(id),
  ]);
}

/** Far longer than a request takes. */
const OPENING_FOR_MS = 600_000;
const CLOSED_PER_RUN = 50;

/** The ids of endpoints whose creation or deletion was interrupted. */
export async function unfinishedEndpoints(db: D1Database, now: number): Promise<readonly string[]> {
  const sql = `SELECT endpoint_id FROM webhook_endpoints WHERE state = 'closing' OR (state = 'opening' AND created_time < ?) LIMIT ?`;
  const { results } = await db
    .prepare(sql)
    .bind(now - OPENING_FOR_MS, CLOSED_PER_RUN)
    .all<{ endpoint_id: string }>();
  return results.map(({ endpoint_id }) => endpoint_id);
}

/**
 * Deletes an unfinished endpoint.
 * @returns false where a repeated request has finished its creation meanwhile, so that it stays
 */
export async function closeUnfinished(env: Pick<Env, "DB" | "WEBHOOK_OUTBOX">, id: string): Promise<boolean> {
  const sql = "UPDATE webhook_endpoints SET state = 'closing' WHERE endpoint_id = ? AND state IN ('opening', 'closing')";
  if ((await env.DB.prepare(sql).bind(id).run()).meta.changes === 0) return false;
  await deleteClosing(env, id);
  return true;
}
