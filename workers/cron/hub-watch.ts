import { hubOf } from "../../durable-objects/market-hub/hub-of.ts";
import type { Config } from "../../src/config.ts";
import { messageOf } from "../../src/message-of.ts";
import { HUB_STOPPED_MS, type PartObservation, nextOutage } from "../../src/operations.ts";
import { operationsDegraded, operationsRecovered } from "../../src/webhooks/make-event.ts";
import { within } from "../../src/within.ts";
import { addDeadLetters } from "../d1/dead-letters.ts";
import { outageOf, writeOutage } from "../d1/part-outages.ts";
import type { Env } from "../env.ts";
import { readLowestMinUsd } from "../webhooks/lowest-min-usd.ts";
import { publishEvent } from "../webhooks/publish-event.ts";

const PATIENCE_MS = 5_000;

export type HubWatchRecord = { readonly hub: "working" } | { readonly hub: "stopped"; readonly error: string };

/**
 * Reports to the hub that the cron runs, so that the hub notices when it stops, and how large liquidations must be for
 * webhooks; and notices that the hub stopped: both
 * are published. The outage is stored after publishing, so a run that is interrupted publishes the same again.
 */
export async function hubWatch(env: Env, config: Config, now: number): Promise<HubWatchRecord> {
  const known = await outageOf(env.DB, "hub");
  const seen = await lookAtHub(env, config, now);
  const { outage, change } = nextOutage(known, seen, now, HUB_STOPPED_MS);
  if (change !== null) {
    const event =
      change === "degraded"
        ? operationsDegraded({ part: "hub", since: outage?.since ?? now, error: seen.error ?? "" }, now)
        : operationsRecovered({ part: "hub", since: known?.since ?? now, recovered_time: now }, now);
    const outcome = await publishEvent(env, config, event);
    if (outcome.kind === "failed") {
      await addDeadLetters(env.DB, "operations_events", [{ record: event.id, reason: outcome.reason }], now);
    }
  }
  if (known !== null || outage !== null) await writeOutage(env.DB, "hub", outage);
  return seen.error === null ? { hub: "working" } : { hub: "stopped", error: seen.error };
}

async function lookAtHub(env: Env, config: Config, now: number): Promise<PartObservation> {
  try {
    const lowest = await readLowestMinUsd(env.DB);
    const { beat_time: beatTime } = await within(PATIENCE_MS, () => hubOf(env, config).cronRan(lowest));
    const isLate = beatTime !== null && Date.now() - beatTime >= HUB_STOPPED_MS;
    return { part: "hub", error: isLate ? "its alarm did not run" : null, lastTime: beatTime ?? now };
  } catch (error) {
    return { part: "hub", error: messageOf(error), lastTime: now };
  }
}
