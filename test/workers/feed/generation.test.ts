import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { feedObjectName } from "../../../src/feed-objects.ts";
import { Journal } from "../../../durable-objects/exchange-feed/journal/journal.ts";
import { parseConfig } from "../../../src/config.ts";
import { feedOf } from "../../../workers/feeds.ts";
import { sampleLiquidation } from "../sample-liquidation.ts";
import { until } from "../until.ts";
import { openFeed } from "./open-feed.ts";
import { type VenueControl, ownVenues } from "./venue-control.ts";
import { VenueStorage } from "../../../durable-objects/exchange-feed/venue-storage.ts";

async function sendFrame(venues: VenueControl, time: number, sizes: readonly number[]): Promise<void> {
  const data = sizes.map((size) => ({ T: time, s: "BTCUSDT", S: "Buy", v: String(size), p: "80000" }));
  await venues.send("bybit", JSON.stringify({ topic: "allLiquidation.BTCUSDT", type: "snapshot", ts: time, data }));
}

async function idsInR2(): Promise<number> {
  const { objects } = await env.BUCKET.list({ prefix: "liquidations/v1/", include: ["customMetadata"] });
  return objects.reduce((sum, { customMetadata }) => sum + Number(customMetadata?.["rows"]), 0);
}

test("a new generation of a venue's object stores nothing that the one before it stored, though it did not respond at first", async () => {
  const venues = await ownVenues();
  const before = await idsInR2();
  const first = await openFeed({ exchange: "bybit", variables: venues.variables });
  await until("live", async () => (await first.status()).state === "live");
  const time = Date.now();
  await sendFrame(venues, time, [1, 2, 3]);
  await until("3 events", async () => (await first.status()).events_total === 3);
  await first.beat(6_000);
  const known = await first.inside((feed) => {
    feed.retire();
    return feed.knownEvents();
  });

  let asked = 0;
  const second = await openFeed({
    exchange: "bybit",
    variables: { ...venues.variables, LIQUIDATION_PLACEMENT_GENERATION: "2" },
    inherit: async () => {
      asked += 1;
      if (asked === 1) throw new Error("not yet");
      return known;
    },
  });
  await until("live", async () => (await second.status()).state === "live");
  await second.beat();
  await until("asked again", () => asked === 2);
  await sendFrame(venues, time, [1, 2, 3, 4]);
  await until("the new event", async () => (await second.status()).events_total > 0);
  await second.beat(6_000);
  await second.beat(6_000);
  expect(await second.status()).toMatchObject({ events_total: 1, duplicates: 3 });
  expect(await idsInR2()).toBe(before + 4);
  expect(asked, "it is asked until it responds").toBe(2);
});

test("an object tells the next generation what it knows", async () => {
  const config = parseConfig({ ...env });
  await feedOf(env, config, "binance").watch(feedObjectName("binance", config), "binance");
  await runInDurableObject(feedOf(env, config, "binance"), (_object, { storage }) => {
    const journal = new Journal(new VenueStorage(storage));
    journal.append(sampleLiquidation({ event_id: "one", received_time: 1_000 }));
  });
  expect(await feedOf(env, config, "binance").knownEvents("binance")).toContainEqual({ event_id: "one", received_time: 1_000 });
  expect(await env.EXCHANGE_FEED.getByName("binance@77").knownEvents("binance"), "an object that never ran").toEqual([]);
});
