import type { Config } from "../../src/config.ts";
import type { PublishOutcome, WebhookDisabled, WebhookFailing } from "../../src/webhooks/event.ts";
import { webhookDisabled, webhookFailing } from "../../src/webhooks/make-event.ts";
import type { Env } from "../env.ts";
import { publishEvent } from "./publish-event.ts";

const FAILING = `
  SELECT endpoint_id, owner, url, description, failing_since, will_be_disabled_time, failing_error AS error FROM webhook_endpoints
  WHERE state = 'open' AND disabled_time IS NULL AND failing_since IS NOT NULL AND announced_failing_since IS NOT failing_since`;
const DISABLED = `
  SELECT endpoint_id, owner, url, description, disabled_time, disabled_reason AS reason FROM webhook_endpoints
  WHERE state = 'open' AND disabled_time IS NOT NULL AND announced_disabled_time IS NOT disabled_time`;

/**
 * Publishes `webhook.failing` and `webhook.disabled` to the other endpoints of the owner and to those of admins, since the
 * endpoint itself cannot be reached. What was not queued everywhere is published again by the next run, under the same id.
 */
export async function announceEndpoints(env: Env, config: Config, now: number): Promise<readonly string[]> {
  const announced: string[] = [];
  const { results: failing } = await env.DB.prepare(FAILING).all<WebhookFailing>();
  for (const data of failing) {
    const event = webhookFailing(data, now);
    if (!isSettled(await publishEvent(env, config, event))) continue;
    await markAnnounced(env.DB, "announced_failing_since", data.endpoint_id, data.failing_since);
    announced.push(event.id);
  }
  const { results: disabled } = await env.DB.prepare(DISABLED).all<WebhookDisabled>();
  for (const data of disabled) {
    const event = webhookDisabled(data, now);
    if (!isSettled(await publishEvent(env, config, event))) continue;
    await markAnnounced(env.DB, "announced_disabled_time", data.endpoint_id, data.disabled_time);
    announced.push(event.id);
  }
  return announced;
}

function isSettled(outcome: PublishOutcome): boolean {
  return outcome.kind === "queued" || outcome.final;
}

type Mark = "announced_failing_since" | "announced_disabled_time";

async function markAnnounced(db: D1Database, mark: Mark, id: string, time: number): Promise<void> {
  await db.prepare(`UPDATE webhook_endpoints SET ${mark} = ?2 WHERE endpoint_id = ?1`).bind(id, time).run();
}
