import type { Config } from "../../src/config.ts";
import type { IdempotentRequest } from "../d1/idempotent-requests.ts";
import { rowsOf } from "../d1/rows-of.ts";
import { BUILT_IN_EVENTS, BUILT_IN_IDS, builtInTarget, isBuiltIn } from "../../src/webhooks/built-in-endpoints.ts";
import type { EventFilter } from "../../src/webhooks/event.ts";
import { type FormatName, shownAddress } from "../../src/webhooks/formats/format.ts";

/** An endpoint as the API shows it; times in ms. */
export interface WebhookEndpoint extends EventFilter {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  readonly format: FormatName;
  readonly created_time: number;
  readonly disabled_time: number | null;
  readonly disabled_reason: string | null;
  /** Whether the endpoint exists by configuration. */
  readonly built_in: boolean;
}

interface Row {
  readonly endpoint_id: string;
  readonly url: string;
  readonly description: string | null;
  readonly format: FormatName;
  readonly events: string;
  readonly symbols: string;
  readonly created_time: number;
  readonly disabled_time: number | null;
  readonly disabled_reason: string | null;
}

const COLUMNS = "endpoint_id, url, description, format, events, symbols, created_time, disabled_time, disabled_reason";
const INSERT = `INSERT INTO webhook_endpoints (endpoint_id, url, description, format, events, symbols, created_time, idempotency_key, request_hash)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`;

/** Every endpoint, oldest first: those created through the API and the built-in ones with secrets that are set. */
export async function readEndpoints(db: D1Database, config: Config, now: number): Promise<readonly WebhookEndpoint[]> {
  const builtIns = BUILT_IN_IDS.flatMap((id) => {
    const target = builtInTarget(id, config);
    return target === null ? [] : [{ id, target }];
  });
  const results = await db.batch<Row>([
    ...builtIns.map(({ id, target }) =>
      db
        .prepare(`${INSERT} ON CONFLICT DO NOTHING`)
        .bind(id, shownAddress(target), "from the configuration", target.format, JSON.stringify(BUILT_IN_EVENTS), "[]", now, null, null),
    ),
    db.prepare(`SELECT ${COLUMNS} FROM webhook_endpoints ORDER BY created_time, endpoint_id`),
  ]);
  const endpoints = rowsOf<Row>(results.at(-1)).map(endpointOf);
  return endpoints.filter((endpoint) => !endpoint.built_in || builtIns.some(({ id }) => id === endpoint.id));
}

export interface NewEndpoint extends EventFilter {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  readonly format: FormatName;
}

/** @param request null where the request has no idempotency key */
export async function insertEndpoint(db: D1Database, endpoint: NewEndpoint, request: IdempotentRequest | null, now: number): Promise<void> {
  const { id, url, description, format, events, symbols } = endpoint;
  const values = [id, url, description, format, JSON.stringify(events), JSON.stringify(symbols), now];
  await db
    .prepare(INSERT)
    .bind(...values, request?.key ?? null, request?.hash ?? null)
    .run();
}

/** Deletes an endpoint and its log. */
export async function deleteEndpoint(db: D1Database, id: string): Promise<void> {
  await db.batch([
    db.prepare("DELETE FROM webhook_endpoints WHERE endpoint_id = ?").bind(id),
    db.prepare("DELETE FROM webhook_deliveries WHERE endpoint_id = ?").bind(id),
  ]);
}

function endpointOf({ endpoint_id, events, symbols, ...row }: Row): WebhookEndpoint {
  return {
    id: endpoint_id,
    ...row,
    events: JSON.parse(events) as EventFilter["events"],
    symbols: JSON.parse(symbols) as readonly string[],
    built_in: isBuiltIn(endpoint_id),
  };
}
