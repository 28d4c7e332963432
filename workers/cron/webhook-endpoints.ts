import type { Config } from "../../src/config.ts";
import type { Env } from "../env.ts";
import { announceEndpoints } from "../webhooks/announce-endpoints.ts";
import { closeUnfinished } from "../webhooks/endpoint-changes.ts";

export interface WebhooksRecord {
  /** Endpoints whose creation or deletion was interrupted. */
  readonly closed: readonly string[];
  /** Endpoints of API keys that were revoked or expired. */
  readonly disabled: readonly string[];
  /** Ids of the published events. */
  readonly announced: readonly string[];
}

/** Finishes what requests about endpoints left behind, and publishes which endpoints fail or were disabled. */
export async function webhookEndpoints(env: Env, config: Config, now: number): Promise<WebhooksRecord> {
  const closed = await closeUnfinished(env, now);
  const disabled = await disableOfEndedKeys(env, now);
  return { closed, disabled, announced: await announceEndpoints(env, config, now) };
}

/** Disables the endpoints of API keys that were revoked or have expired: they may not see events any more. */
async function disableOfEndedKeys(env: Env, now: number): Promise<readonly string[]> {
  const { results } = await env.DB.prepare(
    `SELECT endpoint_id, revoked_time FROM webhook_endpoints JOIN api_keys ON key_id = owner
     WHERE state = 'open' AND disabled_time IS NULL AND (revoked_time IS NOT NULL OR expires_time <= ?)`,
  )
    .bind(now)
    .all<{ endpoint_id: string; revoked_time: number | null }>();
  for (const { endpoint_id, revoked_time } of results) {
    await env.WEBHOOK_OUTBOX.getByName(endpoint_id).disable(`its API key ${revoked_time === null ? "has expired" : "was revoked"}`);
  }
  return results.map(({ endpoint_id }) => endpoint_id);
}
