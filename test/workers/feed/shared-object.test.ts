import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { ExchangeFeedObject } from "../../../durable-objects/exchange-feed/exchange-feed.ts";
import { VenueStorage } from "../../../durable-objects/exchange-feed/venue-storage.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import type { Sink } from "../../../src/sink.ts";
import type { Env } from "../../../workers/env.ts";
import { until } from "../until.ts";
import { type VenueControl, ownVenues } from "./venue-control.ts";

const HOST = "okx@1";
const VENUES = ["okx", "bybit"] as const;

/** Opens an object as the Worker would with other variables, and with one sink in place of its own. */
function inObject<R>(
  name: string,
  variables: Readonly<Record<string, string>>,
  sink: Sink<Env>,
  run: (object: ExchangeFeedObject<Env>) => Promise<R>,
): Promise<R> {
  return runInDurableObject(env.EXCHANGE_FEED.getByName(name), (_object, state) =>
    run(new ExchangeFeedObject<Env>(state, { ...env, ...variables }, { exchanges, sinks: [sink], storeUsage: () => Promise.resolve() })),
  ) as Promise<R>;
}

/** A store that keeps the ids it is given by venue, and never answers a venue that is in `hanging`. */
function notingSink(hanging: readonly ExchangeName[] = []): { readonly sink: Sink<Env>; readonly ids: Map<ExchangeName, string[]> } {
  const ids = new Map<ExchangeName, string[]>();
  const sink: Sink<Env> = {
    name: "d1",
    off: () => null,
    intervalMs: () => 0,
    write(_env, _config, { exchange, rows }) {
      if (hanging.includes(exchange)) return new Promise(() => {});
      ids.set(exchange, [...(ids.get(exchange) ?? []), ...rows.map((row) => row.event_id)]);
      return Promise.resolve({ kind: "stored", refused: [] });
    },
  };
  return { sink, ids };
}

/** A frame of Bybit with one liquidation per size, as a venue sends it again after a reconnect. */
async function sendSizes(venues: VenueControl, time: number, sizes: readonly number[]): Promise<void> {
  const data = sizes.map((size) => ({ T: time, s: "BTCUSDT", S: "Buy", v: String(size), p: "80000" }));
  await venues.send("bybit", JSON.stringify({ topic: "allLiquidation.BTCUSDT", type: "snapshot", ts: time, data }));
}

async function untilEvents(object: ExchangeFeedObject<Env>, name: string, exchange: ExchangeName, count: number): Promise<void> {
  await until(`${exchange} has ${count}`, async () => (await object.watch(name, exchange)).events_total === count);
}

async function untilLive(object: ExchangeFeedObject<Env>, name: string, venues: readonly ExchangeName[]): Promise<void> {
  for (const exchange of venues) await until(`${exchange} is live`, async () => (await object.watch(name, exchange)).state === "live");
}

test("a store that hangs for one venue holds up no other of its object, and a venue that moves is stored once", async () => {
  const venues = await ownVenues();
  const together = { ...venues.variables, LIQUIDATION_OBJECTS: VENUES.join("+") };
  const time = Date.now();
  const first = notingSink(["bybit"]);
  await inObject(HOST, together, first.sink, async (object) => {
    await untilLive(object, HOST, VENUES);
    await sendSizes(venues, time, [1, 2, 3]);
    await venues.liquidate("okx", { symbol: "BTC", side: "long", usd: 50_000 });
    await untilEvents(object, HOST, "bybit", 3);
    await untilEvents(object, HOST, "okx", 1);
    await until("OKX is stored while Bybit's store hangs", async () => {
      void object.alarm();
      return first.ids.get("okx")?.length === 1;
    });
    expect(first.ids.get("bybit")).toBeUndefined();
    expect((await object.watch(HOST, "bybit")).events_total).toBe(3);
    expect((await object.watch(HOST, "okx")).events_total).toBe(1);
  });

  // As after a deployment with each venue in an object of its own: what Bybit left behind is stored from where it is.
  await abortAllDurableObjects();
  const left = env.EXCHANGE_FEED.getByName(HOST);
  await until("what was left is stored", async () => {
    await left.flush("bybit");
    return (await env.DB.prepare("SELECT count(*) AS n FROM liquidations WHERE exchange = 'bybit'").first<number>("n")) === 3;
  });
  expect(await left.knownEvents("bybit")).toHaveLength(3);

  const own = notingSink();
  await inObject("bybit@1", venues.variables, own.sink, async (object) => {
    await untilLive(object, "bybit@1", ["bybit"]);
    await sendSizes(venues, time, [1, 2, 3, 4]);
    await untilEvents(object, "bybit@1", "bybit", 1);
    await until("the new one is stored", async () => {
      await object.alarm();
      return own.ids.get("bybit")?.length === 1;
    });
    expect(own.ids.get("bybit")?.[0]).toContain(":4:");
    expect(await object.watch("bybit@1", "bybit")).toMatchObject({ duplicates: 3 });
  });
});

test("an object that a feed asks for what it knows is created where its own venue is to be, not beside the one that asks", async () => {
  const venues = await ownVenues();
  const asked: unknown[] = [];
  const namespace = {
    getByName: (name: string, options: unknown) => {
      asked.push([name, options]);
      return { knownEvents: () => Promise.resolve([]) };
    },
  } as unknown as Env["EXCHANGE_FEED"];
  const variables = { ...venues.variables, LIQUIDATION_EXCHANGES: "okx,bitfinex", LIQUIDATION_LOCATION_HINTS: "okx=apac-ne,bitfinex=weur" };
  await runInDurableObject(env.EXCHANGE_FEED.getByName("placed"), async (_object, state) => {
    const bindings = { ...env, ...variables, EXCHANGE_FEED: namespace };
    const object = new ExchangeFeedObject<Env>(state, bindings, { exchanges, sinks: [], storeUsage: () => Promise.resolve() });
    await object.watch(HOST, "okx");
    await until("it has asked", () => asked.length > 0);
  });
  expect(asked).toEqual([["bitfinex@1", { locationHint: "weur" }]]);
});

test("a statement that names a table without braces is refused, since it could be another venue's", async () => {
  await runInDurableObject(env.EXCHANGE_FEED.getByName("bare-table"), (_object, state) => {
    const { sql } = new VenueStorage(state.storage, "okx_");
    expect(() => sql.exec("SELECT count(*) FROM events")).toThrow("it must be written {events}");
    expect(() => sql.exec("INSERT INTO memory VALUES ('a', '1') ON CONFLICT (key) DO UPDATE SET value = 1")).toThrow("{memory}");
    expect(() => sql.exec("DELETE FROM {events}"), "the guest's table is not there yet").toThrow("no such table: okx_events");
  });
});
