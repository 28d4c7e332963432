import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { createApi } from "../../../workers/api/app.ts";
import { type AnswerCache, platformCache } from "../../../workers/api/http/answer-cache.ts";
import { countedAddress } from "../../../workers/api/http/counted-address.ts";
import { OPERATIONS } from "../../../workers/api/operations.ts";
import type { Env } from "../../../workers/env.ts";
import { journaledFrame, refillFeeds } from "../../../workers/feeds.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import type { Reply } from "./api-client.ts";
import { emptyStorage } from "../empty-storage.ts";

const NOW = DAY + 3_600_000;
const TOKEN = "t".repeat(32);
const PATH = "/v1/liquidations?symbol=BTC&limit=5";

/** Asks the API with a cache; each test has an origin of its own, since the platform's cache outlives it. */
function client(
  answers: AnswerCache = platformCache(),
  changes: Readonly<Record<string, unknown>> = {},
  origin = `https://${crypto.randomUUID()}.example`,
) {
  return async (path: string, { at = NOW, ...init }: RequestInit & { readonly at?: number } = {}) => {
    const api = createApi({ now: () => at, feedStatuses: () => Promise.resolve([]), journaledFrame, refillFeeds, answers });
    const bindings = { ...env, RATE_LIMIT: undefined, KEY_RATE_LIMIT: undefined, ADMIN_TOKEN: TOKEN, ...changes } as unknown as Env;
    const context = createExecutionContext();
    const response = await api.request(origin + path, init, bindings, context);
    await waitOnExecutionContext(context);
    const text = await response.text();
    const body = (text === "" ? null : JSON.parse(text)) as Reply["body"];
    return { status: response.status, headers: response.headers, body };
  };
}

const store = (id: string) =>
  d1Sink.write(env, parseConfig({}), sampleBatch([sampleLiquidation({ event_id: id, event_time: NOW - 60_000, received_time: NOW })]));

afterEach(emptyStorage);

describe("an answer", () => {
  test("is kept for seconds, and says when it was computed and how old it is", async () => {
    const get = client();
    const first = await get(PATH);
    expect(first.headers.get("Age")).toBe("0");
    expect(first.body.meta).toMatchObject({ count: 0, computed_time: NOW });
    await store("a");
    const kept = await get(PATH, { at: NOW + 3_000 });
    expect(kept.headers.get("Age")).toBe("3");
    expect(kept.headers.get("Server-Timing")).toBe('d1;desc="0 rows read"');
    expect(kept.body.meta).toMatchObject({ count: 0, computed_time: NOW });
    expect(kept.headers.get("ETag")).toBe(first.headers.get("ETag"));
    // Each caller gets an id of its own.
    expect(kept.body.meta.request_id).not.toBe(first.body.meta.request_id);
  });

  test("is found by another isolate in the platform's cache", async () => {
    const origin = client();
    await origin(PATH);
    const [own, other] = [platformCache(), platformCache()];
    const answer = { computed_time: NOW, etag: 'W/"x"', data: "[]", meta: "{}" };
    const url = `https://${crypto.randomUUID()}.example/.answers/x/y`;
    await own.write(url, answer, 60);
    expect(await other.read(url, NOW + 1_000)).toEqual(answer);
    expect(await other.read(`${url}z`, NOW)).toBeNull();
  });

  test("of another version of the Worker is not given", async () => {
    const origin = `https://${crypto.randomUUID()}.example`;
    const [before, after] = ["a", "b"].map((id) => client(platformCache(), { VERSION: { id } }, origin));
    await before?.(PATH);
    await store("a");
    expect((await after?.(PATH))?.body.meta.count).toBe(1);
  });

  test("is computed where the platform's cache is out of order", async () => {
    vi.spyOn(caches.default, "match").mockRejectedValue(new Error("internal error"));
    expect((await client()(PATH)).status).toBe(200);
    vi.restoreAllMocks();
  });

  test("is one for the same question however it is written, and another for every other question", async () => {
    const get = client();
    await get("/v1/liquidations?symbol=BTC&limit=5");
    await store("a");
    expect((await get("/v1/liquidations?limit=5&symbol=btc")).body.meta.count).toBe(0);
    expect((await get("/v1/liquidations?limit=6&symbol=BTC")).body.meta.count).toBe(1);
    expect((await get("/v1/liquidations?limit=5")).body.meta.count).toBe(1);
  });

  test("needs the same access from the cache as when it is computed", async () => {
    const get = client(platformCache(), { PUBLIC_READ: "false" });
    expect((await get(PATH, { headers: { Authorization: `Bearer ${TOKEN}` } })).status).toBe(200);
    const refused = await get(PATH);
    expect(refused.status).toBe(401);
    expect(refused.body.data).toBeUndefined();
  });

  test("that belongs to a caller is never kept, nor is a problem", async () => {
    const kept: string[] = [];
    const spy: AnswerCache = {
      read: () => Promise.resolve(null),
      write: (url) => Promise.resolve(void kept.push(new URL(url).pathname)),
    };
    const get = client(spy);
    const authorised = { headers: { Authorization: `Bearer ${TOKEN}` } };
    for (const path of ["/v1/keys", "/v1/exports", "/v1/webhooks", "/v1/usage?key_id=none", "/v1/stats?symbol=NOPE"])
      await get(path, authorised);
    expect(kept).toEqual([]);
    const reply = await get(PATH, authorised);
    expect(reply.headers.get("Vary")).toBe("Authorization, X-API-Key");
    expect(reply.headers.get("Cache-Control")).toBe("private, no-cache");
    expect(kept).toHaveLength(1);
  });
});

test("every public read is kept for 5 to 60 s, and no other operation is", () => {
  const ownAccess = new Set(["getDataset", "getUsage", "getOwnKey"]);
  for (const { method, access, doc } of OPERATIONS) {
    const { "application/json": json, "image/png": picture } = doc.success.content;
    const isComputed = (json !== undefined && doc.tag !== "Documentation") || picture !== undefined;
    const isPublic = method === "GET" && (access === "read" || access === "open") && isComputed && !ownAccess.has(doc.id);
    expect(doc.cacheSeconds === undefined, doc.id).toBe(!isPublic);
    if (doc.cacheSeconds !== undefined) expect(doc.cacheSeconds >= 5 && doc.cacheSeconds <= 60, doc.id).toBe(true);
  }
});

test("a computed answer counts as its cost, and one from the cache as one request", async () => {
  const asked: string[] = [];
  const RATE_LIMIT = { limit: ({ key }: { readonly key: string }) => (asked.push(key), Promise.resolve({ success: asked.length <= 7 })) };
  const get = client(platformCache(), { RATE_LIMIT });
  const from = { headers: { "CF-Connecting-IP": "2001:db8:1:2::77" } };
  const first = await get("/v1/cross-exchange?symbol=BTC", from);
  expect(first.status).toBe(200);
  expect(asked).toEqual(Array.from({ length: 5 }, () => "2001:db8:1:2::/64"));
  expect(first.headers.get("RateLimit")).toMatch(/^"address";r=115;t=\d+$/);
  expect((await get("/v1/cross-exchange?symbol=BTC", from)).headers.get("RateLimit")).toMatch(/^"address";r=114;/);
  expect(asked).toHaveLength(6);
  const refused = await get("/v1/cross-exchange?symbol=ETH", from);
  expect(refused).toMatchObject({
    status: 429,
    body: { detail: "More than 120 requests in 60 s from one address. This one counts as 5." },
  });
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:DB8:0001:0002::9", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
])("the address %s is counted by %s", (address, counted) => {
  expect(countedAddress(address)).toBe(counted);
});
