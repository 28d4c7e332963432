import type { Config } from "../../src/config.ts";
import { messageOf } from "../../src/message-of.ts";
import { within } from "../../src/within.ts";
import type { Env } from "../env.ts";
import { announceEndpoints } from "../webhooks/announce-endpoints.ts";
import { closeUnfinished, unfinishedEndpoints } from "../webhooks/endpoint-changes.ts";

const PATIENCE_MS = 5_000;

export interface WebhooksRecord {
  /** Endpoints whose creation or deletion was interrupted. */
  readonly closed: readonly string[];
  /** Endpoints of API keys that were revoked or expired. */
  readonly disabled: readonly string[];
  /** Ids of the published events. */
  readonly announced: readonly string[];
}

/**
 * Finishes what requests about endpoints left behind, and publishes which endpoints fail or were disabled. An endpoint
 * whose object fails or does not respond delays no other.
 * @throws AggregateError at the end, with what failed of which endpoint; a later run does that again
 */
export async function webhookEndpoints(env: Env, config: Config, now: number): Promise<WebhooksRecord> {
  const errors: Error[] = [];
  const closed = await eachAlone(await unfinishedEndpoints(env.DB, now), errors, (id) => closeUnfinished(env, id));
  const ended = await endpointsOfEndedKeys(env.DB, now);
  const disabled = await eachAlone([...ended.keys()], errors, async (id) => {
    await env.WEBHOOK_OUTBOX.getByName(id).disable(`its API key ${ended.get(id)}`);
    return true;
  });
  const announced = await announceEndpoints(env, config, now);
  if (errors.length > 0) throw new AggregateError(errors, errors.map((error) => error.message).join("; "));
  return { closed, disabled, announced };
}

/** @returns the ids for which `act` did something; what it throws is added to `errors` */
async function eachAlone(ids: readonly string[], errors: Error[], act: (id: string) => Promise<boolean>): Promise<readonly string[]> {
  const done = await Promise.all(
    ids.map(async (id) => {
      try {
        return (await within(PATIENCE_MS, () => act(id), "its object did not respond")) ? [id] : [];
      } catch (error) {
        errors.push(new Error(`endpoint ${id}: ${messageOf(error)}`, { cause: error }));
        return [];
      }
    }),
  );
  return done.flat();
}

/**
 * The endpoints of API keys that were revoked or have expired, which may not see events any more.
 * @returns whether the key was revoked or has expired, by the id of the endpoint
 */
async function endpointsOfEndedKeys(db: D1Database, now: number): Promise<ReadonlyMap<string, string>> {
  const { results } = await db
    .prepare(
      `SELECT endpoint_id, revoked_time FROM webhook_endpoints JOIN api_keys ON key_id = owner
       WHERE state = 'open' AND disabled_time IS NULL AND (revoked_time IS NOT NULL OR expires_time <= ?)`,
    )
    .bind(now)
    .all<{ endpoint_id: string; revoked_time: number | null }>();
  return new Map(results.map(({ endpoint_id, revoked_time }) => [endpoint_id, revoked_time === null ? "has expired" : "was revoked"]));
}
