import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { insertKey, revokeKey } from "../../../workers/access/keys.ts";
import { sampleLiquidation } from "../sample-liquidation.ts";
import { parseConfig } from "../../../src/config.ts";
import type { Env } from "../../../workers/env.ts";
import { MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import { publishEstimates } from "../../../workers/stream/publish-estimates.ts";
import { rawApiClient } from "../api/api-client.ts";
import { WITHHELD, plantEstimates, planted } from "../planted-estimates.ts";
import { until } from "../until.ts";
import { hub, misfits, openClient, relay, type StreamClient } from "./stream-client.ts";

let made = 0;

/** New liquidations of now, with the changes of a test. */
function events(count: number, changes: Parameters<typeof sampleLiquidation>[0] = {}) {
  const now = Date.now();
  return Array.from({ length: count }, () => {
    made += 1;
    return sampleLiquidation({ event_id: `binance:BTCUSDT:${made}`, event_time: now, received_time: now, ...changes });
  });
}

const idsOf = (client: StreamClient) => client.of("liquidation").map(({ data }) => data.event_id);
const publishNew = () => publishEstimates(env as unknown as Env, parseConfig({}));
const beat = () => runDurableObjectAlarm(hub());

test("a client is greeted, gets the liquidations that pass its filter, and a beat with a cursor", async () => {
  const client = await openClient("?symbol=BTC&min_usd=1000");
  const hello = await client.first("hello");
  expect(hello).toMatchObject({
    resumed: "none",
    filter: { symbols: ["BTC"], min_usd: 1000, channels: ["liquidation", "cascade", "signal", "feed", "silence"] },
  });
  await client.first("snapshot");
  const wanted = events(3);
  await hub().observe([...wanted, ...events(2, { symbol: "ETH", event_id: `eth:${made}` }), ...events(1, { usd_value: 10 })]);
  await until("three liquidations", () => client.of("liquidation").length === 3);
  expect(idsOf(client)).toEqual(wanted.map(({ event_id: id }) => id));
  expect(client.of("liquidation")[0].data).toMatchObject({ symbol: "BTC", concurrent_exchanges: expect.any(Number) });
  await beat();
  const { id, n } = await client.first("beat");
  expect(n).toBe(1);
  expect(id.split("-")[0]).toBe(hello.id.split("-")[0]);
  expect(misfits(client.frames)).toEqual([]);
  client.close();
});

test("estimates are sent to those that ask for them, of the base assets that they ask for, and each once", async () => {
  const [client, other] = await Promise.all([openClient("?channels=estimate&symbol=BTC"), openClient()]);
  await Promise.all([client.first("snapshot"), other.first("snapshot")]);
  const time = floorTo(Date.now(), MINUTE_MS) - 6 * MINUTE_MS;
  const minute = new Map([
    ["BTC", [planted(), WITHHELD]],
    ["ETH", [planted()]],
  ]);
  await plantEstimates(time - MINUTE_MS, 2, minute);
  expect(await publishNew()).toEqual({ minutes: 2 });
  await plantEstimates(time + MINUTE_MS, 1, minute);
  expect([await publishNew(), await publishNew()]).toEqual([{ minutes: 1 }, { minutes: 0 }]);
  // As after a run that failed before it noted how far it came.
  await env.DB.prepare("DELETE FROM job_progress WHERE job = 'estimates:published'").run();
  expect(await publishNew()).toEqual({ minutes: 3 });
  await until("three minutes", () => client.of("estimate").length === 3);
  expect(client.of("estimate").map(({ data }) => [data.symbol, data.time])).toEqual(
    [-1, 0, 1].map((index) => ["BTC", time + index * MINUTE_MS]),
  );
  expect(client.of("estimate")[0].data).toEqual({
    symbol: "BTC",
    time: time - MINUTE_MS,
    sides: {
      long: expect.objectContaining({ reported_usd: 1_000, estimated_usd: 1_500, status: "experimental", method: planted().method }),
      short: expect.objectContaining({ reported_usd: 400, estimated_usd: null, status: "withheld", reason: WITHHELD.reason }),
      total: expect.objectContaining({ reported_usd: 1_400, estimated_usd: null, status: "withheld" }),
    },
    exchanges: expect.arrayContaining([planted(), WITHHELD]),
  });
  expect(other.of("estimate")).toEqual([]);
  expect(misfits(client.frames)).toEqual([]);
  client.close();
  other.close();
});

test("a liquidation that the hub receives twice is sent once", async () => {
  const client = await openClient();
  await client.first("hello");
  const [one] = events(1);
  if (one === undefined) throw new Error("none");
  await hub().observe([one]);
  await hub().observe([one]);
  await hub().observe(events(1));
  await until("two", () => client.of("liquidation").length === 2);
  expect(new Set(idsOf(client)).size).toBe(2);
  expect(misfits(client.frames)).toEqual([]);
  client.close();
});

test("a client that comes back with its last id gets what it missed, once, and then what comes", async () => {
  const before = await openClient();
  await before.first("hello");
  const first = events(2);
  await hub().observe(first);
  await until("two", () => before.of("liquidation").length === 2);
  before.close();
  const missed = events(300);
  await hub().observe(missed.slice(0, 150));
  await hub().observe(missed.slice(150));
  const after = await openClient(`?last_event_id=${before.last()}`);
  expect(await after.first("hello")).toMatchObject({ resumed: "complete" });
  const next = events(2);
  await hub().observe(next);
  await until("all", () => after.of("liquidation").length === 302);
  expect(idsOf(after)).toEqual([...missed, ...next].map(({ event_id: id }) => id));
  after.close();
});

test("a restart of all objects loses no event for a client that resumes", async () => {
  const before = await openClient();
  await before.first("hello");
  const first = events(5);
  await hub().observe(first);
  await until("five", () => before.of("liquidation").length === 5);
  await abortAllDurableObjects();
  const missed = events(5);
  await hub().observe(missed);
  await abortAllDurableObjects();
  const after = await openClient(`?last_event_id=${before.last()}`);
  await until("the missed ones", () => after.of("liquidation").length === 5);
  const next = events(2);
  await hub().observe(next);
  await until("the next", () => after.of("liquidation").length === 7);
  expect(idsOf(after)).toEqual([...missed, ...next].map(({ event_id: id }) => id));
  after.close();
});

test("a relay that hibernated sends on where it was, neither more nor less", async () => {
  const client = await openClient();
  await client.first("hello");
  const first = events(4);
  await hub().observe(first);
  await until("four", () => client.of("liquidation").length === 4);
  await evictDurableObject(relay());
  const second = events(4);
  await hub().observe(second);
  await until("eight", () => client.of("liquidation").length === 8);
  await evictDurableObject(relay());
  await abortHub();
  const third = events(4);
  await hub().observe(third);
  await until("twelve", () => client.of("liquidation").length === 12);
  expect(idsOf(client)).toEqual([...first, ...second, ...third].map(({ event_id: id }) => id));
  expect(misfits(client.frames)).toEqual([]);
  client.close();
});

async function abortHub(): Promise<void> {
  await evictDurableObject(hub());
}

test("a cursor of a lost log is expired, and one that was never given is refused", async () => {
  const client = await openClient("?last_event_id=abcdefgh-7");
  expect(await client.first("hello")).toMatchObject({ resumed: "expired" });
  expect(await client.first("gap")).toMatchObject({ from_time: null, request: expect.stringContaining("/v1/liquidations?") });
  client.close();
  const epoch = client.last().split("-")[0];
  const response = await rawApiClient(Date.now())(`/v1/stream?last_event_id=${epoch}-999999`);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ errors: [{ parameter: "last_event_id" }] });
  const refused = await openClient(`?last_event_id=${epoch}-999999`);
  await until("closed", () => refused.closed !== null);
  expect(refused.closed).toMatchObject({ code: 4000, reason: expect.stringMatching(/^last_event_id: is behind the newest frame/) });
});

test("server-sent events carry the same frames with their ids", async () => {
  const ask = rawApiClient(Date.now());
  const response = await ask("/v1/stream?symbol=BTC");
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  expect(response.headers.get("cache-control")).toBe("no-store, no-transform");
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  void (async () => {
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) text += part.value;
  })();
  await until("the snapshot", () => text.includes("event: snapshot\n"));
  expect(text.startsWith("retry: 3000\n")).toBe(true);
  const [one] = events(1);
  if (one === undefined) throw new Error("none");
  await hub().observe([one]);
  await until("the liquidation", () => text.includes(one.event_id));
  expect(text).toMatch(/event: liquidation\nid: [a-z0-9]+-\d+\ndata: \{"type":"liquidation","id":"[a-z0-9]+-\d+","data":\{/);
  await beat();
  await until("a beat", () => text.includes("event: beat\n"));
  await reader?.cancel();
});

test("messages are answered under their id, and bad ones are refused with what is allowed", async () => {
  const client = await openClient("?symbol=ETH");
  await client.first("hello");
  client.send({ op: "subscribe", id: "btc", symbol: "BTC", channels: ["liquidation"] });
  client.send({ op: "ping", id: 7 });
  client.send({ op: "subscribe", id: "x", channels: "trades" });
  client.send({ op: "ack", id: "a", n: 9 });
  client.send("{");
  client.send({ op: "unsubscribe", id: "nothing" });
  await until("six answers", () => client.of("answer").length + client.of("error").length === 6);
  expect(client.of("answer")).toMatchObject([
    { op: "subscribe", id: "btc", filter: { symbols: ["BTC"] } },
    { op: "ping", id: 7 },
  ]);
  expect(client.of("error")).toMatchObject([
    { id: "x", detail: expect.stringContaining("liquidation, cascade, signal, feed, totals") },
    { id: "a", detail: "n: beat 9 was not sent; the last one is 0" },
    { id: null, detail: "the message is not JSON" },
    { id: "nothing", detail: expect.stringContaining('there are "url", "btc"') },
  ]);
  await hub().observe(events(1));
  await until("one", () => client.of("liquidation").length === 1);
  expect(misfits(client.frames)).toEqual([]);
  client.close();
});

test("a client that sends a megabyte or a thousand subscriptions is closed, and the others lose nothing", async () => {
  const other = await openClient();
  await other.first("hello");
  const large = await openClient();
  await large.first("hello");
  large.send(`"${"x".repeat(1_000_000)}"`);
  const many = await openClient();
  await many.first("hello");
  for (let n = 0; n < 1_000; n += 1) many.send({ op: "subscribe", id: n, symbol: "BTC" });
  await until("both closed", () => large.closed !== null && many.closed !== null);
  expect(large.closed?.code).toBe(1009);
  expect(many.closed?.code).toBe(4008);
  expect(many.of("error")[0]?.detail).toContain("at most 20 subscriptions");
  await hub().observe(events(3));
  await until("three", () => other.of("liquidation").length === 3);
  other.close();
});

test("a client that does not read is sent beats alone, then told what it was not sent; the others get everything", async () => {
  const reads = await openClient();
  await reads.first("hello");
  const slow = await openClient("", { acks: false });
  await slow.first("hello");
  await beat();
  const { n } = await slow.first("beat");
  slow.send({ op: "ack", n });
  const long = "x".repeat(4_000);
  const many = events(150, { instrument: long });
  for (let from = 0; from < many.length; from += 10) {
    await hub().observe(many.slice(from, from + 10));
    await until("sent", () => reads.of("liquidation").length === from + 10);
  }
  expect(slow.of("liquidation").length).toBeLessThan(100);
  const now = Date.now.bind(Date);
  // Longer than anything is in transit: what it was not sent within that time, it would be sent now.
  const clock = vi.spyOn(Date, "now").mockImplementation(() => now() + 6_000);
  slow.send({ op: "ack", n: slow.of("beat").at(-1).n });
  const skipped = await slow.first("skipped");
  clock.mockRestore();
  expect(skipped.count).toBe(150 - slow.of("liquidation").length);
  expect(skipped.request).toContain("/v1/liquidations?");
  const next = events(1);
  await hub().observe(next);
  await until("the next", () => idsOf(slow).includes(next[0]?.event_id));
  expect(new Set(idsOf(reads)).size).toBe(151);
  expect(misfits(slow.frames)).toEqual([]);
  slow.close();
  reads.close();
});

test("a ticket opens one stream; used again it closes with 4001", async () => {
  const ask = rawApiClient(Date.now());
  const created = await ask("/v1/stream/tickets", { method: "POST" });
  expect(created.status).toBe(201);
  const { data } = await created.json<{ data: { ticket: string } }>();
  const client = await openClient(`?ticket=${data.ticket}`);
  await client.first("hello");
  const again = await openClient(`?ticket=${data.ticket}`);
  await until("closed", () => again.closed !== null);
  expect(again.closed).toMatchObject({ code: 4001, reason: expect.stringContaining("was used") });
  expect(misfits(client.frames)).toEqual([]);
  client.close();
});

test("totals come where they are asked for, and the stats count clients", async () => {
  const client = await openClient("?channels=totals");
  await client.first("hello");
  await beat();
  await hub().observe(events(2));
  const totals = await client.first("totals");
  expect(totals.data.some(({ symbol }: { symbol: string }) => symbol === "BTC")).toBe(true);
  const ask = rawApiClient(Date.now());
  const { data } = await (await ask("/v1/stream/stats")).json<{ data: { clients: number; relays: { closes: object }[] } }>();
  expect(data.clients).toBeGreaterThan(0);
  expect(data.relays[0]?.closes).toMatchObject({ 1009: 1, 4008: 1 });
  expect(misfits(client.frames)).toEqual([]);
  client.close();
});

test("a liquidation that the hub cannot enrich is in the stream, with its fields over all venues unknown, and so are the others", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const client = await openClient("?channels=liquidation");
  await client.first("hello");
  const [first, second] = events(2);
  if (first === undefined || second === undefined) throw new Error("none");
  // The hub knows no venue of this name, and fails over it.
  const broken = { ...second, exchange: "nowhere" as typeof second.exchange };
  await expect(runInDurableObject(hub(), (object) => object.observe([first, broken]))).rejects.toThrow();
  // Liquidations of the test before may still come.
  const own = () =>
    client.of("liquidation").flatMap(({ data }) => ([first, second].some((one) => one.event_id === data.event_id) ? [data] : []));
  await until("both", () => own().length === 2);
  expect(own()).toMatchObject([
    { event_id: first.event_id, concurrent_exchanges: expect.any(Number) },
    { event_id: second.event_id, concurrent_exchanges: null, cascade_id: null },
  ]);
  const next = events(1);
  await hub().observe(next);
  await until("the next", () => idsOf(client).includes(next[0]?.event_id));
  client.close();
});

test("a key that is revoked closes its open streams with 4001 at the next beat, over both transports", async () => {
  const asked = { name: "reader", scopes: ["read"] as const, requests_per_day: null, export_rows_per_day: null, expires_time: null };
  const { key, key_id: id } = await insertKey(env.DB, asked, Date.now());
  const headers = { Authorization: `Bearer ${key}` };
  const [own, other] = [await openClient("", { headers }), await openClient()];
  await Promise.all([own.first("hello"), other.first("hello")]);
  const ask = rawApiClient(Date.now());
  const response = await ask("/v1/stream", { headers });
  const text = response.text();
  await beat();
  await own.first("beat");
  await revokeKey(env.DB, id, Date.now());
  await beat();
  await until("closed", () => own.closed !== null);
  expect(own.closed).toMatchObject({ code: 4001, reason: expect.stringContaining("was revoked at") });
  expect(await text).toMatch(/event: closed\ndata: \{"type":"closed","code":4001,"reason":"This API key was revoked at .*"\}\n\n$/);
  expect(other.closed).toBe(null);
  expect((await openClient("", { headers }).catch(String)).toString()).toContain("401");
  other.close();
});

test("an address without a key may have 20 streams; one more is closed with 4005, or refused", async () => {
  const headers = { "CF-Connecting-IP": "192.0.2.20" };
  const clients = [];
  for (let n = 0; n < 20; n += 1) clients.push(await openClient("", { headers }));
  const more = await openClient("", { headers });
  await until("closed", () => more.closed !== null);
  expect(more.closed).toMatchObject({ code: 4005, reason: expect.stringContaining("at most 20 streams at once") });
  const refused = await rawApiClient(Date.now())("/v1/stream", { headers });
  expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, "30"]);
  const elsewhere = await openClient("", { headers: { "CF-Connecting-IP": "192.0.2.21" } });
  await elsewhere.first("hello");
  for (const client of [...clients, elsewhere]) client.close();
});

test("a full relay passes a client on to the next one, and an id continues at any of them", async () => {
  const bindings = { STREAM_RELAYS: "weur:2", STREAM_MAX_CLIENTS: "1" };
  const two = [await openClient("", { bindings }), await openClient("", { bindings })] as const;
  for (const client of two) await client.first("hello");
  const third = await openClient("", { bindings });
  await until("closed", () => third.closed !== null);
  expect(third.closed).toEqual({ code: 1013, reason: "No relay has room for another client." });
  await hub().observe(events(2));
  await until("both have both", () => two.every((client) => client.of("liquidation").length === 2));
  expect(two[0].of("liquidation")).toEqual(two[1].of("liquidation"));
  const [{ id }] = two[0].of("liquidation");
  two[1].close();
  await until("another gets the place", async () => {
    const again = await openClient(`?last_event_id=${id}`, { bindings });
    await until("the second, or no place", () => again.of("liquidation").length === 1 || again.closed !== null);
    again.close();
    return again.closed === null;
  });
  two[0].close();
});
