import type { Config } from "../../src/config.ts";
import { writeLog } from "../../src/log.ts";
import type { EventOf } from "../../src/webhooks/event.ts";
import { addDeadLetters } from "../d1/dead-letters.ts";
import type { Env } from "../env.ts";
import { publishEvent } from "../webhooks/publish-event.ts";

/** Publishes news of a venue. What cannot be queued is a dead letter: status still shows it. */
export async function publishVenueChange(env: Env, config: Config, event: EventOf<"venue.changed">, now: number): Promise<void> {
  const { venue, change, url, added } = event.data;
  writeLog("warn", { event: "venue_changed", venue, change, url, added });
  const outcome = await publishEvent(env, config, event);
  if (outcome.kind === "failed") await addDeadLetters(env.DB, "venue_events", [{ record: event.id, reason: outcome.reason }], now);
}
