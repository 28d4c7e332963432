import type { Config } from "../../src/config.ts";
import { rowsOf } from "../d1/rows-of.ts";
import { BUILT_IN_EVENTS, BUILT_IN_IDS, builtInTarget, isBuiltIn } from "../../src/webhooks/built-in-endpoints.ts";
import { type EventFilter, defaultActions } from "../../src/webhooks/event.ts";
import { type Updates, defaultUpdates } from "../../src/webhooks/formats/chat-request.ts";
import { type FormatName, shownAddress } from "../../src/webhooks/formats/format.ts";

/** An endpoint as the API shows it; times in ms. */
export interface WebhookEndpoint extends EventFilter {
  readonly id: string;
  /** The id of the API key that created it, or admin. */
  readonly owner: string;
  readonly url: string;
  readonly description: string | null;
  readonly format: FormatName;
  readonly updates: Updates;
  readonly created_time: number;
  /** Start of the failures in a row; null while it does not fail. */
  readonly failing_since: number | null;
  /** Earliest time at which these failures disable it; null while it does not fail, or is disabled. */
  readonly will_be_disabled_time: number | null;
  readonly disabled_time: number | null;
  readonly disabled_reason: string | null;
  /** Whether the endpoint exists by configuration. */
  readonly built_in: boolean;
}

export interface StoredEndpoint extends WebhookEndpoint {
  /** Whether its owner was an admin, who may see the events of every owner. */
  readonly seesAll: boolean;
}

export interface EndpointRow {
  readonly endpoint_id: string;
  readonly owner: string;
  readonly sees_all: number;
  readonly url: string;
  readonly description: string | null;
  readonly format: FormatName;
  readonly events: string;
  readonly symbols: string;
  readonly actions: string;
  readonly min_confidence: number | null;
  readonly min_usd: string | null;
  readonly min_flow_usd: string | null;
  readonly updates: Updates;
  readonly created_time: number;
  readonly failing_since: number | null;
  readonly will_be_disabled_time: number | null;
  readonly disabled_time: number | null;
  readonly disabled_reason: string | null;
}

const COLUMNS = `endpoint_id, owner, sees_all, url, description, format, events, symbols, actions, min_confidence, min_usd, min_flow_usd,
  updates, created_time, failing_since, will_be_disabled_time, disabled_time, disabled_reason`;

const INSERT_BUILT_IN = `
  INSERT INTO webhook_endpoints (endpoint_id, owner, sees_all, state, url, description, format, events, symbols, actions, updates,
                                 created_time)
  VALUES (?1, 'admin', 1, 'open', ?2, 'from the configuration', ?3, ?4, '[]', ?5, ?6, ?7) ON CONFLICT DO NOTHING`;

/** Every endpoint, oldest first: those created through the API and the built-in ones with secrets that are set. */
export async function readEndpoints(db: D1Database, config: Config, now: number): Promise<readonly StoredEndpoint[]> {
  const builtIns = BUILT_IN_IDS.flatMap((id) => {
    const target = builtInTarget(id, config);
    return target === null ? [] : [{ id, target }];
  });
  const results = await db.batch<EndpointRow>([
    ...builtIns.map(({ id, target }) =>
      db.prepare(INSERT_BUILT_IN).bind(id, shownAddress(target), target.format, ...builtInFilter(target.format), now),
    ),
    db.prepare(`SELECT ${COLUMNS} FROM webhook_endpoints WHERE state = 'open' ORDER BY created_time, endpoint_id`),
  ]);
  const endpoints = rowsOf<EndpointRow>(results.at(-1)).map(endpointOf);
  return endpoints.filter((endpoint) => !endpoint.built_in || builtIns.some(({ id }) => id === endpoint.id));
}

function builtInFilter(format: FormatName): readonly string[] {
  return [JSON.stringify(BUILT_IN_EVENTS), JSON.stringify(defaultActions(format)), defaultUpdates(format)];
}

function endpointOf({ endpoint_id, sees_all, will_be_disabled_time, ...row }: EndpointRow): StoredEndpoint {
  return {
    id: endpoint_id,
    ...row,
    will_be_disabled_time: row.disabled_time === null ? will_be_disabled_time : null,
    events: JSON.parse(row.events) as EventFilter["events"],
    symbols: JSON.parse(row.symbols) as EventFilter["symbols"],
    actions: JSON.parse(row.actions) as EventFilter["actions"],
    min_usd: row.min_usd === null ? null : (JSON.parse(row.min_usd) as EventFilter["min_usd"]),
    min_flow_usd: row.min_flow_usd === null ? null : (JSON.parse(row.min_flow_usd) as EventFilter["min_flow_usd"]),
    seesAll: sees_all === 1,
    built_in: isBuiltIn(endpoint_id),
  };
}
