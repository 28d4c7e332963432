import type { Config } from "../../src/config.ts";
import { type EventOf, type PublishOutcome, type WebhookEvent, mayReceive, passesFilter } from "../../src/webhooks/event.ts";
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

/**
 * Offers large liquidations to every enabled endpoint that wants them, all at once: each sends as many of them as may be
 * sent within a minute. Like `publishEvent` otherwise.
 */
export async function publishLarge(env: Env, config: Config, events: readonly EventOf<"liquidation.large">[]): Promise<PublishOutcome> {
  const outcome = await outcomeOf(() => offerEverywhere(env, config, events));
  if (outcome.kind === "failed") {
    writeLog("error", { event: "webhook_publish_failed", type: "liquidation.large", events: events.length, error: outcome.reason });
  }
  return outcome;
}

async function queueEvent(env: Env, config: Config, event: WebhookEvent): Promise<PublishOutcome> {
  if (JSON.stringify(event).length > MAX_EVENT_CHARACTERS) {
    return { kind: "failed", reason: `the event exceeds ${MAX_EVENT_CHARACTERS} characters`, final: true };
  }
  return outcomeOf(() => enqueueEverywhere(env, config, event));
}

/** @param queue gives the reasons of the endpoints whose queues do not have what is published */
async function outcomeOf(queue: () => Promise<readonly string[]>): Promise<PublishOutcome> {
  try {
    const failures = await within(PATIENCE_MS, queue, "the event was not queued for every endpoint");
    const [reason] = failures;
    return reason === undefined ? { kind: "queued" } : { kind: "failed", reason, final: false };
  } catch (error) {
    return { kind: "failed", reason: messageOf(error), final: false };
  }
}

/** @returns the reasons of the endpoints that do not have the event */
async function enqueueEverywhere(env: Env, config: Config, event: WebhookEvent): Promise<readonly string[]> {
  const endpoints = await enabledEndpoints(env, config);
  const wanted = endpoints.filter((endpoint) => passesFilter(endpoint, event) && mayReceive(endpoint, event));
  const failures = await Promise.all(
    wanted.map((endpoint) => enqueue(env, endpoint, [event.id], (outbox) => outbox.enqueue(event, endpoint.updates))),
  );
  return failures.filter((reason) => reason !== null);
}

/** @returns the reasons of the endpoints that do not have the events */
async function offerEverywhere(env: Env, config: Config, events: readonly EventOf<"liquidation.large">[]): Promise<readonly string[]> {
  const failures = await Promise.all(
    (await enabledEndpoints(env, config)).map((endpoint) => {
      const wanted = events.filter((event) => passesFilter(endpoint, event));
      const ids = wanted.map(({ id }) => id);
      return wanted.length === 0 ? null : enqueue(env, endpoint, ids, (outbox) => outbox.offer(wanted));
    }),
  );
  return failures.filter((reason) => reason !== null);
}

async function enabledEndpoints(env: Env, config: Config): Promise<readonly StoredEndpoint[]> {
  return (await readEndpoints(env.DB, config, Date.now())).filter(({ disabled_time }) => disabled_time === null);
}

/** @returns the reason why the endpoint's queue does not have the event; null where it does */
async function enqueue(
  env: Env,
  { id, built_in }: StoredEndpoint,
  events: readonly string[],
  queue: (outbox: ReturnType<Env["WEBHOOK_OUTBOX"]["getByName"]>) => Promise<unknown>,
): Promise<string | null> {
  let reason: string | null = null;
  for (let tries = 1; tries <= TRIES; tries += 1) {
    try {
      // A stub that has failed stays broken, so each attempt gets a new one.
      const outbox = env.WEBHOOK_OUTBOX.getByName(id);
      if (built_in) await outbox.open(id, null);
      await queue(outbox);
      return null;
    } catch (error) {
      reason = `endpoint ${id}: ${messageOf(error)}`;
      writeLog("error", { event: "webhook_enqueue_failed", endpoint: id, ids: events.slice(0, 10), tries, error: messageOf(error) });
    }
  }
  return reason;
}
