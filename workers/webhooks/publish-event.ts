import type { Config } from "../../src/config.ts";
import { type PublishOutcome, type WebhookEvent, mayReceive, passesFilter } from "../../src/webhooks/event.ts";
import type { Env } from "../env.ts";
import { type StoredEndpoint, readEndpoints } from "./endpoints.ts";
import { messageOf } from "../../src/message-of.ts";
import { writeLog } from "../../src/log.ts";
import { within } from "../../src/within.ts";

/** Number of attempts to reach an endpoint's object, which recognizes a repeated event by its id. */
const TRIES = 3;
const PATIENCE_MS = 5_000;
/** The storage of an object holds 2 MB per value; receivers expect far less. */
const MAX_EVENT_CHARACTERS = 256 * 1024;

/**
 * Queues an event for every enabled endpoint with a matching filter. It waits until each queue has the event, not until
 * it is delivered, for at most 5 s. It never throws: failures go to the log. Publishing the same event id again
 * delivers nothing again.
 */
export async function publishEvent(env: Env, config: Config, event: WebhookEvent): Promise<PublishOutcome> {
  const outcome = await queueEvent(env, config, event);
  if (outcome.kind === "failed") {
    writeLog("error", { event: "webhook_publish_failed", id: event.id, type: event.type, error: outcome.reason });
  }
  return outcome;
}

async function queueEvent(env: Env, config: Config, event: WebhookEvent): Promise<PublishOutcome> {
  try {
    if (JSON.stringify(event).length > MAX_EVENT_CHARACTERS) {
      return { kind: "failed", reason: `the event exceeds ${MAX_EVENT_CHARACTERS} characters`, final: true };
    }
    const failures = await within(PATIENCE_MS, () => enqueueEverywhere(env, config, event), "the event was not queued for every endpoint");
    const [reason] = failures;
    return reason === undefined ? { kind: "queued" } : { kind: "failed", reason, final: false };
  } catch (error) {
    return { kind: "failed", reason: messageOf(error), final: false };
  }
}

/** @returns the reasons of the endpoints that do not have the event */
async function enqueueEverywhere(env: Env, config: Config, event: WebhookEvent): Promise<readonly string[]> {
  const endpoints = await readEndpoints(env.DB, config, Date.now());
  const wanted = endpoints.filter(
    (endpoint) => endpoint.disabled_time === null && passesFilter(endpoint, event) && mayReceive(endpoint, event),
  );
  const failures = await Promise.all(wanted.map((endpoint) => enqueue(env, endpoint, event)));
  return failures.filter((reason) => reason !== null);
}

/** @returns the reason why the endpoint's queue does not have the event; null where it does */
async function enqueue(env: Env, { id, built_in }: StoredEndpoint, event: WebhookEvent): Promise<string | null> {
  let reason: string | null = null;
  for (let tries = 1; tries <= TRIES; tries += 1) {
    try {
      // A stub that has failed stays broken, so each attempt gets a new one.
      const outbox = env.WEBHOOK_OUTBOX.getByName(id);
      if (built_in) await outbox.open(id, null);
      await outbox.enqueue(event);
      return null;
    } catch (error) {
      reason = `endpoint ${id}: ${messageOf(error)}`;
      writeLog("error", { event: "webhook_enqueue_failed", endpoint: id, id: event.id, tries, error: messageOf(error) });
    }
  }
  return reason;
}
