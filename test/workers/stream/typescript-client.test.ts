import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { LiquidationsClient, type StreamItem, type StreamOptions } from "../../../clients/typescript/src/index.ts";
import { rawApiClient } from "../api/api-client.ts";
import { sampleLiquidation } from "../sample-liquidation.ts";
import { until } from "../until.ts";
import { hub } from "./stream-client.ts";

/** The TypeScript client inside workerd, against the API in the same process. */

const KILLS = 20;
const EVENTS_PER_KILL = 10;
let made = 0;

function events(count: number) {
  const now = Date.now();
  return Array.from({ length: count }, () => {
    made += 1;
    return sampleLiquidation({ event_id: `okx:BTC-USDT-SWAP:${made}`, exchange: "okx", event_time: now, received_time: now });
  });
}

function newClient(): LiquidationsClient {
  const ask = rawApiClient(Date.now());
  return new LiquidationsClient({ url: "https://worker.example.com", fetch: (request) => ask(request.url, request) });
}

/** Follows a stream and keeps what it yields. */
function follow(options: StreamOptions = {}) {
  const end = new AbortController();
  const items: StreamItem[] = [];
  const following = (async () => {
    for await (const item of newClient().stream({ ...options, signal: end.signal })) items.push(item);
  })();
  return {
    items,
    of: <Type extends StreamItem["type"]>(type: Type) =>
      items.filter((item): item is Extract<StreamItem, { readonly type: Type }> => item.type === type),
    async stop() {
      end.abort();
      await following;
    },
  };
}

/** Tells the hub, again where it was killed meanwhile, as a feed does. */
async function observe(rows: ReturnType<typeof events>): Promise<void> {
  for (;;) {
    try {
      await hub().observe(rows);
      return;
    } catch {
      // It was killed before it answered.
    }
  }
}

test("all objects are killed 20 times under load, and a consumer of the client has each id once and no gap", async () => {
  const client = follow({ channels: ["liquidation"] });
  await until("the greeting", () => client.of("hello").length > 0);
  const sent: string[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    const rows = events(EVENTS_PER_KILL);
    sent.push(...rows.map(({ event_id: id }) => id));
    await Promise.all([observe(rows), abortAllDurableObjects()]);
    // A feed repeats what it has no answer for.
    await observe(rows);
  }
  await until("the last one", () => client.of("liquidation").some(({ data }) => data.event_id === sent.at(-1)));
  await client.stop();
  expect(client.of("liquidation").map(({ data }) => data.event_id)).toEqual(sent);
  expect(client.of("lost").length).toBeGreaterThan(0);
  expect([...client.of("gap"), ...client.of("skipped")]).toEqual([]);
});

test("where the log is lost, a gap names the time, and what follows comes once", async () => {
  const client = follow({ channels: ["liquidation"] });
  await until("the greeting", () => client.of("hello").length > 0);
  const before = events(3);
  await observe(before);
  await until("three", () => client.of("liquidation").length === 3);
  await runInDurableObject(hub(), (_hub, state) => state.storage.deleteAll());
  await abortAllDurableObjects();
  const after = events(3);
  await observe(after);
  await until("six", () => client.of("liquidation").length === 6);
  await client.stop();
  expect(client.of("gap")).toMatchObject([{ by: "server", request: expect.stringMatching(/^\/v1\/liquidations\?.*end=\d+/) }]);
  const ids = client.of("liquidation").map(({ data }) => data.event_id);
  expect(ids).toEqual([...before, ...after].map(({ event_id: id }) => id));
  const gapAt = client.items.findIndex(({ type }) => type === "gap");
  expect(client.items.slice(0, gapAt).filter(({ type }) => type === "liquidation")).toHaveLength(3);
});

test("beats come as data, and a consumer that takes too long has what it missed named, with the request that fills it", async () => {
  const free = Promise.withResolvers<void>();
  const end = new AbortController();
  const items: StreamItem[] = [];
  const following = (async () => {
    for await (const item of newClient().stream({ channels: ["liquidation"], max_lag_ms: 50, signal: end.signal })) {
      items.push(item);
      if (item.type === "liquidation") await free.promise;
    }
  })();
  await until("the snapshot", () => items.some(({ type }) => type === "snapshot"));
  const rows = events(20);
  await observe(rows.slice(0, 1));
  await until("the first", () => items.some(({ type }) => type === "liquidation"));
  await observe(rows.slice(1));
  await new Promise((done) => setTimeout(done, 500));
  free.resolve();
  await until("the name of what was left out", () => items.some(({ type }) => type === "skipped"));
  expect(items.find(({ type }) => type === "skipped")).toMatchObject({
    by: "client",
    count: 19,
    request: expect.stringContaining("start="),
  });
  await runDurableObjectAlarm(hub());
  await until("a beat", () => items.some(({ type }) => type === "beat"));
  end.abort();
  await following;
});

test("lists, problems and the check of the ledger work in workerd as in Node", async () => {
  const client = newClient();
  const gaps: unknown[] = [];
  for await (const gap of client.gaps()) gaps.push(gap);
  expect(gaps).toEqual([]);
  await expect(client.get("/v1/stats", { params: { query: { symbol: "BTC", window: "25h" } } })).rejects.toMatchObject({
    name: "BadParametersError",
    errors: [{ parameter: "window", detail: expect.stringContaining("1m to 24h") }],
  });
  expect(await client.verifyLedger()).toMatchObject({ matches: true, decisions: { head: { sequence: 0 } } });
});
