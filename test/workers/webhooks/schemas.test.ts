import { expect, test } from "vitest";
import { EVENT_TYPES } from "../../../src/webhooks/event.ts";
import { type FeedObservation, compareFeedHealth } from "../../../src/webhooks/feed-health.ts";
import { WEBHOOK_EVENTS } from "../../../workers/api/schemas/webhook-event.ts";
import { DAY } from "../sample-liquidation.ts";

const MINUTE = 60_000;

/** What a schema makes of an event's data: itself where it has all of it and no more. */
function read(type: keyof typeof WEBHOOK_EVENTS, data: unknown): unknown {
  return WEBHOOK_EVENTS[type].data.parse(data);
}

test("every type of event that can be asked for has a schema", () => {
  expect(Object.keys(WEBHOOK_EVENTS).toSorted()).toEqual([...EVENT_TYPES, "webhook.test"].toSorted());
});

test.each<FeedObservation>([
  { exchange: "okx", state: "stale", since: DAY, error: null },
  { exchange: "okx", state: "connecting", since: DAY, error: "socket closed" },
  { exchange: "binance", state: "blocked", since: DAY, error: "HTTP 451" },
  { exchange: "bybit", state: "unreachable", since: DAY, error: "object reset" },
])("the degradation and recovery of a feed that is $state fit their schemas", (feed) => {
  const degraded = compareFeedHealth([], [feed], DAY + 2 * MINUTE);
  const live: FeedObservation = { ...feed, state: "live", since: DAY + 3 * MINUTE, error: null };
  const recovered = compareFeedHealth(degraded.outages, [live], DAY + 4 * MINUTE);
  const events = [...degraded.events, ...recovered.events];
  expect(events.map(({ type }) => type)).toEqual(["feed.degraded", "feed.recovered"]);
  for (const { type, data } of events) expect(read(type, data)).toEqual(data);
});
