import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { insertKey, revokeKey } from "../../../workers/access/keys.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { rawApiClient } from "../api/api-client.ts";
import { sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { until } from "../until.ts";
import { type StreamClient, hub, misfits, openClient } from "./stream-client.ts";

const MINUTE_MS = 60_000;
const NOW = Date.now();
const ADMIN = "a-token-of-the-administrator-of-32-characters";

const at = (id: string, minutesAgo: number, changes: Parameters<typeof sampleLiquidation>[0] = {}) => {
  const time = NOW - minutesAgo * MINUTE_MS;
  return sampleLiquidation({ event_id: `binance:BTCUSDT:${id}`, event_time: time, received_time: time + 200, ...changes });
};

test("a replay of stored and of logged events slides into live without a hole or a repetition", async () => {
  const stored = [at("old", 30), at("a", 12), at("b", 11), at("eth", 10, { symbol: "ETH" }), at("c", 9)];
  // In the store and in the log: where the two meet.
  const both = [at("d", 0), at("e", 0)];
  const logged = [at("f", 0), at("g", 0)];
  await d1Sink.write(env, parseConfig({}), sampleBatch([...stored, ...both]));
  await hub().observe([...both, ...logged]);

  const client = await openClient(`?symbol=BTC&from=${NOW - 15 * MINUTE_MS}&speed=1000`);
  expect(await client.first("hello")).toMatchObject({ replay: true, resumed: "none" });
  const live = await client.first("live");
  await hub().observe([at("h", 0)]);
  const ids = () => client.of("liquidation").map(({ data }) => data.event_id.split(":").at(-1));
  await until("the live one", () => ids().includes("h"));
  expect(ids()).toEqual(["a", "b", "c", "d", "e", "f", "g", "h"]);
  expect(client.of("liquidation").map(({ replayed }) => replayed === true)).toEqual([true, true, true, true, true, true, true, false]);
  expect(client.frames.findIndex(({ type }) => type === "live")).toBeLessThan(
    client.frames.findIndex(({ data }) => data?.event_id?.endsWith(":h")),
  );
  expect(misfits(client.frames)).toEqual([]);
  client.send({ op: "ping", id: 1 });
  await client.first("answer");
  client.close();

  const again = await openClient(`?symbol=BTC&last_event_id=${live.id}`);
  await until("the same", () => again.of("liquidation").length === 1);
  again.close();
});

test("a day without a file is a named gap, and server-sent events replay as well", async () => {
  const ask = rawApiClient(Date.now());
  await env.DB.prepare("UPDATE hot_events SET from_time = ?")
    .bind(NOW - 20 * MINUTE_MS)
    .run();
  const response = await ask(`/v1/stream?symbol=BTC&from=${NOW - 40 * MINUTE_MS}&speed=1000`);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  void (async () => {
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) text += part.value;
  })();
  await until("live", () => text.includes("event: live\n"));
  expect(text).toContain("event: gap\n");
  expect(text).not.toContain("BTCUSDT:old");
  expect(text.match(/"event_id":"binance:BTCUSDT:\w+"/g)?.map((id) => id.at(-2))).toEqual(["a", "b", "c", "d", "e", "f", "g", "h"]);
  await reader?.cancel();
});

test("a time in the future, or a speed beyond 1,000, is refused", async () => {
  const ask = rawApiClient(Date.now());
  const response = await ask(`/v1/stream?from=${Date.now() + MINUTE_MS}&speed=2000`);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ errors: [{ parameter: "speed", detail: "must be a number from 1 to 1000" }] });
  expect((await ask(`/v1/stream?from=${Date.now() + MINUTE_MS}`)).status).toBe(400);
});

async function closeOf(query: string): Promise<StreamClient["closed"]> {
  const client = await openClient(query);
  await until("closed", () => client.closed !== null);
  return client.closed;
}

test("a browser learns why a replay is refused, by the close of its socket", async () => {
  expect(await closeOf(`?from=${Date.now() - 40 * 1_440 * MINUTE_MS}`)).toEqual({ code: 4000, reason: "from: is more than 31 days ago" });
  expect(await closeOf("?channels=trades")).toMatchObject({
    code: 4000,
    reason: expect.stringMatching(/^channels: must be a list of liquidation/),
  });
  expect(await closeOf("?symbol=NOSUCHASSET")).toMatchObject({
    code: 4000,
    reason: expect.stringMatching(/^NOSUCHASSET is not collected/),
  });
});

test("a replay from before the log says what it leaves out until then", async () => {
  const headers = { "CF-Connecting-IP": "192.0.2.42" };
  const client = await openClient(`?channels=cascade,signal&from=${NOW - 16 * MINUTE_MS}&speed=1000`, { headers });
  expect((await client.first("hello")).notices).toEqual([
    expect.stringMatching(/^Before 20\d\d-.*Z the replay has liquidations alone, without cascade, signal\.$/),
  ]);
  client.close();
  const own = await openClient(`?channels=liquidation&from=${NOW - 16 * MINUTE_MS}&speed=1000`, { headers });
  expect((await own.first("hello")).notices.filter((notice: string) => notice.startsWith("Before"))).toEqual([]);
  own.close();
});

test("a client that sends too many messages during a replay is closed with 4008, and not for acknowledging beats", async () => {
  const headers = { "CF-Connecting-IP": "192.0.2.41" };
  const client = await openClient(`?symbol=BTC&from=${NOW - 30 * MINUTE_MS}&speed=1`, { headers });
  await client.first("hello");
  for (let n = 0; n < 60; n += 1) client.send({ op: "ping", id: n });
  await until("closed", () => client.closed !== null);
  expect(client.closed).toEqual({ code: 4008, reason: "more than 10 messages a second" });
  expect(client.of("answer").length).toBe(40);
});

test("a long replay of stored events is read over a WebSocket, whose frames and beats have no id before the log", async () => {
  const large = Array.from({ length: 300 }, (_, index) => at(`large${index}`, 15, { symbol: "SOL", instrument: "x".repeat(4_500) }));
  for (let from = 0; from < large.length; from += 50) await d1Sink.write(env, parseConfig({}), sampleBatch(large.slice(from, from + 50)));
  const client = await openClient(`?symbol=SOL&from=${NOW - 16 * MINUTE_MS}&speed=1000`);
  await client.first("live");
  expect(client.of("liquidation").length).toBe(300);
  const stored = client.frames.slice(
    0,
    client.frames.findLastIndex(({ data }) => data?.event_id?.includes("large")),
  );
  expect(stored.filter(({ type }) => type === "beat").length).toBeGreaterThan(10);
  expect(stored.filter(({ id }) => id !== undefined && id !== null)).toEqual([]);
  expect(client.closed).toBe(null);
  expect(misfits(client.frames)).toEqual([]);
  client.close();
});

test("a replay is counted from its start: a third at once is refused until one of them ends", async () => {
  const query = `?symbol=BTC&from=${NOW - 30 * MINUTE_MS}&speed=1`;
  const two = [await openClient(query), await openClient(query)];
  for (const client of two) await client.first("hello");
  const third = await openClient(query);
  await until("closed", () => third.closed !== null);
  expect(third.closed).toMatchObject({ code: 4005, reason: expect.stringContaining("at most 2 replays at once") });
  const ask = rawApiClient(Date.now());
  expect((await ask(`/v1/stream${query}`)).status).toBe(429);
  two[0]?.close();
  await until("one may begin again", async () => {
    const next = await openClient(query);
    await until("an answer", () => next.closed !== null || next.of("hello").length > 0);
    next.close();
    return next.closed === null;
  });
  two[1]?.close();
});

test("a replay costs by the hours that it reaches back, and needs a key beyond one", async () => {
  let requests = 0;
  const RATE_LIMIT = {
    limit: async () => {
      requests += 1;
      return { success: requests <= 50 };
    },
  };
  const ask = rawApiClient(Date.now(), { RATE_LIMIT, KEY_RATE_LIMIT: RATE_LIMIT, ADMIN_TOKEN: ADMIN });
  const refused = await ask(`/v1/stream?from=${NOW - 120 * MINUTE_MS}`);
  expect(refused.status).toBe(401);
  expect(await refused.json()).toMatchObject({ detail: expect.stringContaining("needs an API key") });
  expect(requests).toBe(1);
  const short = await ask(`/v1/stream?from=${NOW - 30 * MINUTE_MS}`, { headers: { "CF-Connecting-IP": "192.0.2.7" } });
  expect(short.status).toBe(200);
  await short.body?.cancel();
  expect(requests).toBe(3);
  const headers = { Authorization: `Bearer ${ADMIN}` };
  expect((await ask(`/v1/stream?from=${NOW - 20 * 24 * 60 * MINUTE_MS}`, { headers })).status).toBe(429);
});

test("a key may replay more than 1 h, and a replay ends with 4001 once its key is revoked", async () => {
  const asked = { name: "reader", scopes: ["read"] as const, requests_per_day: null, export_rows_per_day: null, expires_time: null };
  const { key, key_id: id } = await insertKey(env.DB, asked, Date.now());
  const headers = { Authorization: `Bearer ${key}` };
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const client = await openClient(`?symbol=BTC&from=${NOW - 180 * MINUTE_MS}&speed=1`, { headers });
  expect(await client.first("hello")).toMatchObject({ replay: true });
  const response = await rawApiClient(Date.now())(`/v1/stream?symbol=BTC&from=${NOW - 180 * MINUTE_MS}&speed=1`, { headers });
  const text = response.text();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(client.closed).toBe(null);
  await revokeKey(env.DB, id, Date.now());
  await vi.advanceTimersByTimeAsync(10_000);
  vi.useRealTimers();
  await until("closed", () => client.closed !== null);
  expect(client.closed).toMatchObject({ code: 4001, reason: expect.stringContaining("was revoked at") });
  expect(await text).toContain('event: closed\ndata: {"type":"closed","code":4001,');
});
