import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { keyRequests } from "../../../workers/cron/key-requests.ts";
import { type Reply, apiClient } from "./api-client.ts";
import { DAY } from "../sample-liquidation.ts";
import { emptyStorage } from "../empty-storage.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Seven hours into a UTC day. */
const NOW = DAY + 7 * HOUR_MS;
const ROOT = "correct-horse-battery-staple-tonight";

interface Asked {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The API at a time, where ADMIN_TOKEN is set. */
function at(now: number, changes: Readonly<Record<string, unknown>> = {}) {
  const ask = apiClient(now, { ADMIN_TOKEN: ROOT, ...changes });
  return (method: string, path: string, { token, body, headers = {} }: Asked = {}): Promise<Reply> =>
    ask(path, {
      method,
      headers: { ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
}

const call = at(NOW);
const closed = at(NOW, { PUBLIC_READ: "false" });

interface Made {
  readonly id: string;
  readonly key: string;
}

async function make(body: object = {}, now = NOW): Promise<Made> {
  const reply = await at(now)("POST", "/v1/keys", { token: ROOT, body: { name: "test", ...body } });
  expect(reply.status, JSON.stringify(reply.body)).toBe(201);
  return { id: reply.body.data.key_id, key: reply.body.data.key };
}

/** The request that makes a key once, save what a test changes of it. */
function again(changes: Asked & { readonly now?: number } = {}): Promise<Reply> {
  const { now = NOW, ...asked } = changes;
  const usual = { token: ROOT, body: { name: "once", scopes: ["read"] }, headers: { "Idempotency-Key": "req-1" } };
  return at(now)("POST", "/v1/keys", { ...usual, ...asked });
}

async function countKeys(): Promise<number> {
  return (await call("GET", "/v1/keys", { token: ROOT })).body.data.length;
}

/** Asks for what needs a key. */
function askWith(now: number, key: string, path = "/v1/datasets"): Promise<Reply> {
  return at(now, { PUBLIC_READ: "false" })("GET", path, { token: key });
}

/** Sends requests until one is refused, at most `most`. @returns the last answer and how many went through before */
async function exhaust(most: number, send: (index: number) => Promise<Reply>): Promise<{ readonly last: Reply; readonly before: number }> {
  for (let sent = 0; ; sent += 1) {
    const last = await send(sent);
    if (last.status === 429 || sent === most) return { last, before: sent };
  }
}

/** A key that looks like one. */
function guess(index: number): string {
  return `liq_${String(index).padStart(43, "0")}`;
}

const BYTES = 10_000_000;
const PART = new Uint8Array(16_384).fill(120);

/** A body that comes part by part, and how much of it was taken. */
function chunked(length: number) {
  const taken = { bytes: 0, cancelled: false };
  const body = new ReadableStream({
    pull(controller) {
      if (taken.bytes >= length) return controller.close();
      taken.bytes += PART.byteLength;
      controller.enqueue(PART);
    },
    cancel() {
      taken.cancelled = true;
    },
  });
  return { body, taken };
}

const post = (init: RequestInit) =>
  apiClient(NOW, { ADMIN_TOKEN: ROOT })("/v1/keys", {
    method: "POST",
    ...init,
    headers: { Authorization: `Bearer ${ROOT}`, ...init.headers },
  });

/** A good body of this length. */
function padded(bytes: number): string {
  return `{"name":"x"}${" ".repeat(bytes - 12)}`;
}

/** Everything in D1, as text. */
async function wholeDatabase(): Promise<string> {
  const { results } = await env.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'").all<{
    name: string;
  }>();
  const tables = await Promise.all(results.map(({ name }) => env.DB.prepare(`SELECT * FROM "${name}"`).all()));
  return JSON.stringify(tables.map((table) => table.results));
}

afterEach(emptyStorage);

describe("a new key", () => {
  test("is answered with what was asked, defaults for the rest, and its place", async () => {
    const reply = await call("POST", "/v1/keys", {
      token: ROOT,
      body: { name: "  desk 1 ", scopes: ["read", "export"], requests_per_day: 500, export_rows_per_day: 1_000_000, expires_time: NOW + 1 },
    });
    const { key, ...shown } = reply.body.data;
    expect(reply.status).toBe(201);
    expect(key).toMatch(/^liq_[\w-]{43}$/);
    expect(shown).toEqual({
      key_id: expect.stringMatching(/^key_[0-9a-f]{32}$/),
      prefix: key.slice(0, 10),
      name: "desk 1",
      scopes: ["read", "export"],
      requests_per_day: 500,
      export_rows_per_day: 1_000_000,
      created_time: NOW,
      expires_time: NOW + 1,
      previous_key_expires_time: null,
      revoked_time: null,
    });
    expect(reply.headers.get("Location")).toBe(`/v1/keys/${shown.key_id}`);
    const plain = await call("POST", "/v1/keys", { token: ROOT, body: { name: "plain" } });
    expect(plain.body.data).toMatchObject({ scopes: ["read"], requests_per_day: null, export_rows_per_day: null, expires_time: null });
    expect(plain.body.data.key).not.toBe(key);
  });

  test("takes its end as ISO 8601 too", async () => {
    const reply = await call("POST", "/v1/keys", { token: ROOT, body: { name: "x", expires_time: "2026-12-01T00:00:00+01:00" } });
    expect(reply.body.data.expires_time).toBe(Date.UTC(2026, 10, 30, 23));
  });

  test("is shown this once and is nowhere in the database, nor is anything it could be made from by others", async () => {
    const made = [await make()];
    const once = { token: ROOT, body: { name: "once" }, headers: { "Idempotency-Key": "abc" } };
    const { data } = (await call("POST", "/v1/keys", once)).body;
    made.push({ id: data.key_id, key: data.key });
    await call("GET", "/v1/usage", { token: made[0]?.key ?? "" });
    const answers = [await call("GET", "/v1/keys", { token: ROOT })];
    for (const { id } of made) answers.push(await call("GET", `/v1/keys/${id}`, { token: ROOT }));
    const kept = (await wholeDatabase()) + JSON.stringify(answers);
    for (const { key } of made) {
      expect(kept).toContain(key.slice(0, 10));
      expect(kept).not.toContain(key.slice(10));
    }
    const { seed } = (await env.DB.prepare("SELECT seed FROM api_keys WHERE seed IS NOT NULL").first<{ seed: string }>()) ?? { seed: "" };
    expect(await call("GET", "/v1/usage", { token: seed })).toMatchObject({ status: 401 });
  });

  test.each<[string, unknown, readonly string[]]>([
    ["nothing", {}, ["name"]],
    ["an empty name", { name: " " }, ["name"]],
    ["a long name", { name: "x".repeat(101) }, ["name"]],
    ["a name that is no text", { name: 7 }, ["name"]],
    ["no scope", { name: "x", scopes: [] }, ["scopes"]],
    ["an unknown scope", { name: "x", scopes: ["read", "write"] }, ["scopes"]],
    ["a scope named twice", { name: "x", scopes: ["read", "read"] }, ["scopes"]],
    ["scopes that are no list", { name: "x", scopes: "read" }, ["scopes"]],
    ["quotas out of range", { name: "x", requests_per_day: 0, export_rows_per_day: 1e12 }, ["requests_per_day", "export_rows_per_day"]],
    [
      "quotas that are no whole numbers",
      { name: "x", requests_per_day: 1.5, export_rows_per_day: "9" },
      ["requests_per_day", "export_rows_per_day"],
    ],
    ["an end that is no time", { name: "x", expires_time: "tomorrow" }, ["expires_time"]],
    ["an end that has been", { name: "x", expires_time: NOW }, ["expires_time"]],
    ["an end of another kind", { name: "x", expires_time: true }, ["expires_time"]],
    ["what a key is not made of", { name: "x", key: "liq_mine", key_id: "mine" }, ["key", "key_id"]],
    ["a list", [], ["body"]],
    ["no JSON", "{", ["body"]],
    ["a text", '"name"', ["body"]],
  ])("%s is refused, and each bad parameter is named", async (_, body, names) => {
    const reply = await call("POST", "/v1/keys", { token: ROOT, body });
    expect(reply).toMatchObject({ status: 400, body: { code: "bad_parameters" } });
    expect(reply.body.errors.map((error: { parameter: string }) => error.parameter)).toEqual(names);
    expect(reply.body.errors.every((error: { detail: string }) => error.detail.length > 0)).toBe(true);
    expect((await call("GET", "/v1/keys", { token: ROOT })).body.data).toEqual([]);
  });

  test.each(["", "a b", "\u00fc", "x".repeat(201)])("the Idempotency-Key %j is refused by name", async (header) => {
    const reply = await call("POST", "/v1/keys", { token: ROOT, body: { name: "x" }, headers: { "Idempotency-Key": header } });
    expect(reply).toMatchObject({ status: 400, body: { errors: [{ parameter: "Idempotency-Key" }] } });
  });
});

describe("the keys there are", () => {
  test("are listed the newest first, complete over pages while new ones are made", async () => {
    const ids: string[] = [];
    // Some of the same millisecond.
    for (let index = 0; index < 7; index += 1) ids.unshift((await make({ name: `k${index}` }, NOW - 10 + Math.floor(index / 3))).id);
    const read: string[] = [];
    let cursor: string | null = null;
    do {
      const reply: Reply = await call("GET", `/v1/keys?limit=2${cursor === null ? "" : `&cursor=${cursor}`}`, { token: ROOT });
      expect(reply.body.meta.count).toBe(reply.body.data.length);
      read.push(...reply.body.data.map((one: { key_id: string }) => one.key_id));
      cursor = reply.body.meta.next_cursor;
      await make({ name: "late" });
    } while (cursor !== null);
    expect(read).toHaveLength(7);
    expect(new Set(read)).toEqual(new Set(ids));
    const times = await Promise.all(read.map(async (id) => (await call("GET", `/v1/keys/${id}`, { token: ROOT })).body.data.created_time));
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  test("need a cursor of this list", async () => {
    for (const cursor of ["nonsense", "W10", "WyJ4IiwxXQ"]) {
      expect(await call("GET", `/v1/keys?cursor=${cursor}`, { token: ROOT })).toMatchObject({
        status: 400,
        body: { errors: [{ parameter: "cursor" }] },
      });
    }
  });

  test("are shown one by one, and what is none is 404", async () => {
    const { id, key } = await make({ name: "one" });
    const reply = await call("GET", `/v1/keys/${id}`, { token: ROOT });
    expect(reply.body.data).toMatchObject({ key_id: id, name: "one", prefix: key.slice(0, 10) });
    expect(reply.body.data).not.toHaveProperty("key");
    for (const method of ["GET", "DELETE"])
      expect(await call(method, "/v1/keys/key_x", { token: ROOT })).toMatchObject({ status: 404, body: { code: "not_found" } });
  });

  test("stay listed when they are revoked, with the time they first were", async () => {
    const { id } = await make();
    expect(await call("DELETE", `/v1/keys/${id}`, { token: ROOT })).toMatchObject({ status: 204, body: null });
    expect(await at(NOW + 5)("DELETE", `/v1/keys/${id}`, { token: ROOT })).toMatchObject({ status: 204 });
    const { data } = (await call("GET", "/v1/keys", { token: ROOT })).body;
    expect(data).toMatchObject([{ key_id: id, revoked_time: NOW }]);
  });
});

describe("what a key opens", () => {
  const READ = "/v1/stats?symbol=BTC";

  test("reading, where reading is not everybody's, for the scope read", async () => {
    const { key } = await make();
    expect(await closed("GET", READ)).toMatchObject({ status: 401, body: { code: "unauthorized" } });
    expect((await closed("GET", READ, { token: key })).status).toBe(200);
    expect((await closed("GET", READ, { headers: { "X-API-Key": key } })).status).toBe(200);
    expect((await closed("GET", "/v1/totals?symbol=BTC&interval=1h", { token: key })).status).toBe(200);
  });

  test.each([
    { scopes: ["export"], method: "GET", path: READ, lacks: "read" },
    { scopes: ["read"], method: "GET", path: "/v1/exports", lacks: "export" },
    { scopes: ["read", "export"], method: "GET", path: "/v1/keys", lacks: "admin" },
    { scopes: ["read", "export"], method: "POST", path: "/v1/keys", lacks: "admin" },
    { scopes: ["read", "export"], method: "GET", path: "/v1/webhooks", lacks: "webhooks" },
  ])("$method $path needs $lacks, and a key with $scopes is answered so", async ({ scopes, method, path, lacks }) => {
    const { key } = await make({ scopes });
    const reply = await closed(method, path, { token: key, ...(method === "POST" ? { body: { name: "x" } } : {}) });
    expect(reply).toMatchObject({ status: 403, body: { code: "forbidden" } });
    expect(reply.body.detail).toBe(`This operation needs an API key with the scope ${lacks}; this key has ${scopes.join(", ")}.`);
    expect(reply.headers.get("WWW-Authenticate")).toBe(`Bearer error="insufficient_scope", scope="${lacks}"`);
  });

  test("everything, for the scope admin: reading, exports, keys and webhooks", async () => {
    const { key } = await make({ scopes: ["admin"] });
    for (const path of [READ, "/v1/exports", "/v1/keys", "/v1/webhooks"])
      expect((await closed("GET", path, { token: key })).status, path).toBe(200);
    const made = await closed("POST", "/v1/keys", { token: key, body: { name: "second" } });
    expect(made.status).toBe(201);
    expect((await closed("GET", READ, { token: made.body.data.key })).status).toBe(200);
    expect((await closed("DELETE", `/v1/keys/${made.body.data.key_id}`, { token: key })).status).toBe(204);
    const hook = { url: "http://127.0.0.1:9/hook", events: ["signal.issued"] };
    const webhook = await closed("POST", "/v1/webhooks", { token: key, body: hook });
    expect(webhook.status).toBe(201);
    expect((await closed("DELETE", `/v1/webhooks/${webhook.body.data.webhook_id ?? webhook.body.data.id}`, { token: key })).status).toBe(
      204,
    );
  });

  test("nothing in a query string, which is a parameter no route has", async () => {
    const { key } = await make();
    for (const parameter of ["api_key", "key", "access_token", "token"]) {
      const reply = await call("GET", `${READ}&${parameter}=${key}`);
      expect(reply).toMatchObject({ status: 400, body: { errors: [{ parameter, detail: "is not a parameter of this operation" }] } });
      expect(JSON.stringify(reply.body)).not.toContain(key);
      expect((await closed("GET", `${READ}&${parameter}=${key}`)).status).toBe(401);
    }
  });
});

describe("a credential that is not good", () => {
  const EVERYWHERE = ["/v1/status", "/v1/stats?symbol=BTC", "/v1/liquidations", "/v1/usage", "/v1/keys", "/v1/nothing"];

  test("is refused everywhere, where reading is public too, and says why", async () => {
    const revoked = await make();
    const expired = await make({ expires_time: NOW + HOUR_MS });
    await call("DELETE", `/v1/keys/${revoked.id}`, { token: ROOT });
    const later = at(NOW + HOUR_MS);
    const reasons: readonly (readonly [Asked, string])[] = [
      [{ token: revoked.key }, "This API key was revoked at 2026-11-20T07:00:00.000Z."],
      [{ token: expired.key }, "This API key expired at 2026-11-20T08:00:00.000Z."],
      [{ headers: { "X-API-Key": revoked.key } }, "This API key was revoked at 2026-11-20T07:00:00.000Z."],
      [{ token: `liq_${"A".repeat(43)}` }, "This API key does not exist."],
      [{ token: "liq_short" }, "The credential is neither an API key (liq_…) nor the ADMIN_TOKEN."],
      [{ headers: { Authorization: "Bearer" } }, "The credential is neither an API key (liq_…) nor the ADMIN_TOKEN."],
      [{ headers: { Authorization: "Bearer two words" } }, "The credential is neither an API key (liq_…) nor the ADMIN_TOKEN."],
      [{ headers: { "X-API-Key": "" } }, "The credential is neither an API key (liq_…) nor the ADMIN_TOKEN."],
    ];
    for (const [asked, detail] of reasons) {
      for (const path of EVERYWHERE) {
        const reply = await later("GET", path, asked);
        expect(reply, `${path} ${JSON.stringify(asked)}`).toMatchObject({ status: 401, body: { code: "unauthorized", detail } });
        expect(reply.headers.get("WWW-Authenticate")).toBe('Bearer error="invalid_token"');
      }
    }
    expect((await call("GET", "/v1/status", { token: expired.key })).status).toBe(200);
    expect((await later("GET", "/v1/status")).status).toBe(200);
  });

  test("includes a former ADMIN_TOKEN, but not while ADMIN_TOKEN_PREVIOUS has it", async () => {
    const former = "the-admin-token-of-before-this-one";
    const statusOf = async (changes: Readonly<Record<string, string>>, token: string) =>
      (await at(NOW, { ADMIN_TOKEN_PREVIOUS: former, ...changes })("GET", "/v1/keys", { token })).status;
    expect(await statusOf({}, former)).toBe(200);
    expect(await statusOf({}, ROOT)).toBe(200);
    expect(await statusOf({}, `${former} `.repeat(2).trim())).toBe(401);
    expect(await statusOf({ ADMIN_TOKEN_PREVIOUS: "" }, former)).toBe(401);
    expect(await statusOf({ ADMIN_TOKEN_PREVIOUS: "" }, ROOT)).toBe(200);
    // It replaces nothing alone.
    expect(await statusOf({ ADMIN_TOKEN: "" }, former)).toBe(401);
  });

  test("counts for no key's usage", async () => {
    const { id, key } = await make();
    await call("DELETE", `/v1/keys/${id}`, { token: ROOT });
    await call("GET", "/v1/status", { token: key });
    expect((await call("GET", `/v1/usage?key_id=${id}`, { token: ROOT })).body.data.today.requests).toBe(0);
  });

  test("of another scheme is somebody else's and opens nothing", async () => {
    const { key } = await make();
    const headers = { Authorization: `Basic ${btoa(`${key}:`)}` };
    expect((await call("GET", "/v1/status", { headers })).status).toBe(200);
    expect((await closed("GET", "/v1/status", { headers })).status).toBe(401);
  });
});

describe("the same request again", () => {
  test("answers the very same key for 24 h", async () => {
    const first = await again();
    expect(first.status).toBe(201);
    for (const now of [NOW, NOW + 1, NOW + DAY_MS]) {
      const reply = await again({ now });
      expect(reply).toMatchObject({ status: 201, body: { data: first.body.data } });
      expect(reply.headers.get("Location")).toBe(first.headers.get("Location"));
    }
    expect(await countKeys()).toBe(1);
    expect((await closed("GET", "/v1/status", { token: first.body.data.key })).status).toBe(200);
  });

  test("sent many times at once makes one key", async () => {
    const replies = await Promise.all(Array.from({ length: 8 }, () => again()));
    expect(new Set(replies.map((reply) => reply.body.data.key)).size).toBe(1);
    expect(await countKeys()).toBe(1);
  });

  test("written otherwise is the same", async () => {
    const first = await again();
    const other = await again({ body: '{ "requests_per_day": null, "name": " once " }' });
    expect(other.body.data).toEqual(first.body.data);
  });

  test("answers the same key although its end has come meanwhile", async () => {
    const body = { name: "short", expires_time: NOW + HOUR_MS };
    const first = await again({ body });
    const reply = await again({ body, now: NOW + 2 * HOUR_MS });
    expect(reply).toMatchObject({ status: 201, body: { data: first.body.data } });
    expect(await again({ body, now: NOW + 2 * HOUR_MS, headers: { "Idempotency-Key": "req-2" } })).toMatchObject({ status: 400 });
  });

  test("with another body is a 422 and makes nothing", async () => {
    await again();
    for (const changes of [{ body: { name: "other" } }, { body: { name: "once", scopes: ["read", "export"] } }]) {
      expect(await again(changes)).toMatchObject({ status: 422, body: { code: "idempotency_mismatch" } });
    }
    expect(await countKeys()).toBe(1);
  });

  test("answers its caller alone: another caller with the same Idempotency-Key makes a key of its own", async () => {
    const [one, other] = [await make({ scopes: ["admin"] }), await make({ scopes: ["admin"] })];
    const first = await again({ token: one.key });
    expect((await again({ token: one.key })).body.data.key).toBe(first.body.data.key);
    const others = [await again({ token: other.key }), await again({ token: ROOT, body: { name: "root" } })];
    expect(others.map(({ status }) => status)).toEqual([201, 201]);
    expect(new Set([first, ...others].map(({ body }) => body.data.key)).size).toBe(3);
    expect((await again({ token: one.key })).body.data.key).toBe(first.body.data.key);
  });

  test("after 24 h makes another key, and what the first was made from is gone", async () => {
    const first = await again();
    const next = await again({ now: NOW + DAY_MS + 1 });
    expect(next.status).toBe(201);
    expect(next.body.data.key).not.toBe(first.body.data.key);
    expect(await countKeys()).toBe(2);
    const row = await env.DB.prepare("SELECT seed, idempotency_key, request_hash FROM api_keys WHERE key_id = ?1")
      .bind(first.body.data.key_id)
      .first();
    expect(row).toEqual({ seed: null, idempotency_key: null, request_hash: null });
    expect((await at(NOW + DAY_MS + 1, { PUBLIC_READ: "false" })("GET", "/v1/status", { token: first.body.data.key })).status).toBe(200);
  });

  test("is forgotten by the minute's work too, where no further one comes", async () => {
    const first = await again();
    expect(await keyRequests(env.DB, NOW + DAY_MS)).toEqual({ forgotten: 0 });
    expect(await keyRequests(env.DB, NOW + DAY_MS + 1)).toEqual({ forgotten: 1 });
    expect(await keyRequests(env.DB, NOW + DAY_MS + 1)).toEqual({ forgotten: 0 });
    expect(await env.DB.prepare("SELECT seed FROM api_keys WHERE key_id = ?1").bind(first.body.data.key_id).first("seed")).toBeNull();
  });

  test("without an Idempotency-Key makes another key each time", async () => {
    expect((await make()).key).not.toBe((await make()).key);
  });
});

describe("the quota of requests a day", () => {
  const SECONDS_LEFT = 17 * 3_600;

  test("counts down exactly, ends in 429 with the time to wait, and begins again with the UTC day", async () => {
    const { id, key } = await make({ requests_per_day: 3 });
    for (const left of [2, 1, 0]) {
      const reply = await askWith(NOW, key);
      expect(reply.status).toBe(200);
      expect(reply.headers.get("RateLimit-Policy")).toBe('"day";q=3;w=86400');
      expect(reply.headers.get("RateLimit")).toBe(`"day";r=${left};t=${SECONDS_LEFT}`);
    }
    for (const path of ["/v1/datasets", "/v1/status", "/v1/exports"]) {
      const reply = await askWith(NOW, key, path);
      expect(reply).toMatchObject({ status: 429, body: { code: "quota_exceeded" } });
      expect(reply.headers.get("Retry-After")).toBe(String(SECONDS_LEFT));
      expect(reply.headers.get("RateLimit-Policy")).toBe('"day";q=3;w=86400');
      expect(reply.headers.get("RateLimit")).toBe(`"day";r=0;t=${SECONDS_LEFT}`);
    }
    expect((await askWith(DAY + DAY_MS - 1, key)).headers.get("Retry-After")).toBe("1");
    expect((await at(DAY + DAY_MS - 1)("GET", "/v1/usage", { token: key })).body.data).toMatchObject({
      requests_per_day: 3,
      today: { requests: 8 },
    });
    const next = await askWith(DAY + DAY_MS, key);
    expect(next.status).toBe(200);
    expect(next.headers.get("RateLimit")).toBe('"day";r=2;t=86400');
    const { data } = (await at(DAY + DAY_MS)("GET", `/v1/usage?key_id=${id}`, { token: ROOT })).body;
    expect(data.days.map(({ date, requests }: { date: string; requests: number }) => [date, requests])).toEqual([
      ["2026-11-21", 1],
      ["2026-11-20", 8],
    ]);
  });

  test("lets no more through where requests come at once", async () => {
    const { key } = await make({ requests_per_day: 5 });
    const statuses = (await Promise.all(Array.from({ length: 12 }, () => askWith(NOW, key)))).map((reply) => reply.status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(7);
  });

  test("once used up leaves its holder what anybody has, at the rate of anybody, and no more", async () => {
    const asked: string[] = [];
    const RATE_LIMIT = { limit: ({ key }: { readonly key: string }) => (asked.push(key), Promise.resolve({ success: asked.length < 4 })) };
    const { key } = await make({ requests_per_day: 1, scopes: ["read", "export", "admin"] });
    const open = (path: string, token: string | undefined = key) =>
      at(NOW, { RATE_LIMIT })("GET", path, { ...(token === undefined ? {} : { token }), headers: { "CF-Connecting-IP": "192.0.2.50" } });
    expect((await open("/v1/keys")).status).toBe(200);
    expect(asked).toEqual([]);
    const read = await open("/v1/datasets");
    expect(read.status).toBe(200);
    expect(read.headers.get("RateLimit-Policy")).toBe('"day";q=1;w=86400, "address";q=120;w=60');
    expect(read.headers.get("RateLimit")).toMatch(/^"day";r=0;t=\d+, "address";r=119;t=60$/);
    for (const path of ["/v1/exports", "/v1/keys"]) {
      expect(await open(path), path).toMatchObject({ status: 429, body: { code: "quota_exceeded" } });
    }
    // The address is counted as if there were no key.
    expect(asked).toEqual(["192.0.2.50", "192.0.2.50", "192.0.2.50"]);
    expect(await open("/v1/datasets")).toMatchObject({ status: 429, body: { code: "rate_limited" } });
    expect(await at(NOW, { RATE_LIMIT })("GET", "/v1/datasets", {})).toMatchObject({ status: 429, body: { code: "rate_limited" } });
  });

  test("is the key's own, and a key without one has no such headers", async () => {
    const [limited, other] = [await make({ requests_per_day: 1 }), await make()];
    await askWith(NOW, limited.key);
    expect((await askWith(NOW, limited.key)).status).toBe(429);
    const reply = await askWith(NOW, other.key);
    expect(reply.status).toBe(200);
    expect(reply.headers.get("RateLimit")).toBeNull();
  });
});

/** Whether an answer says that its address has tried too many credentials. */
function isBeyond({ headers }: Reply): boolean {
  return headers.get("RateLimit") === '"credentials";r=0;t=60';
}

describe("the rate limit", () => {
  const limited = at(NOW, { RATE_LIMIT: env.RATE_LIMIT, KEY_RATE_LIMIT: env.KEY_RATE_LIMIT, PUBLIC_READ: "false" });
  const from = (address: string, asked: Asked) =>
    limited("GET", "/v1/nothing", { ...asked, headers: { "CF-Connecting-IP": address, ...asked.headers } });

  test("is one for all of a key's addresses, and for no other key", async () => {
    const [busy, other] = [await make({ requests_per_day: 100_000 }), await make()];
    const first = await from("192.0.2.1", { token: busy.key });
    expect(first.headers.get("RateLimit")).toMatch(/^"key";r=599;t=60, "day";r=99999;t=\d+$/);
    expect(first.headers.get("RateLimit-Policy")).toBe('"key";q=600;w=60, "day";q=100000;w=86400');
    const { last, before } = await exhaust(1_300, (index) => from(`192.0.2.${index % 20}`, { token: busy.key }));
    expect(last).toMatchObject({ status: 429, body: { code: "rate_limited" } });
    // The window may turn over while the requests go out.
    expect(before).toBeGreaterThanOrEqual(599);
    expect(last.headers.get("Retry-After")).toBe("60");
    expect(last.headers.get("RateLimit")).toBe('"key";r=0;t=60');
    expect(last.headers.get("RateLimit-Policy")).toBe('"key";q=600;w=60');
    expect((await from("192.0.2.99", { headers: { "X-API-Key": busy.key } })).status).toBe(429);
    expect((await from("192.0.2.1", { token: other.key })).status).toBe(404);
  });

  test("is by address for keys that are not good", async () => {
    const good = await make();
    const { last, before } = await exhaust(300, (index) =>
      from("198.51.100.1", { token: index % 2 === 0 ? guess(index) : `wrong${index}` }),
    );
    expect(last).toMatchObject({ status: 429, body: { code: "rate_limited" } });
    expect(before).toBeGreaterThanOrEqual(120);
    expect(last.headers.get("RateLimit")).toBe('"address";r=0;t=60');
    expect((await from("198.51.100.2", { token: guess(0) })).status).toBe(401);
    expect((await from("198.51.100.1", { token: good.key })).status).toBe(404);
  });

  test("is by address for credentials of any kind: beyond it the right one is refused too, and nothing is looked up", async () => {
    const good = await make();
    const { last } = await exhaust(1_500, async (index) => {
      const reply = await from("203.0.113.7", { token: `wrong${index}` });
      // Wrong ones are refused by address long before.
      return isBeyond(reply) ? reply : { ...reply, status: 401 };
    });
    expect(isBeyond(last)).toBe(true);
    for (const token of [ROOT, good.key]) {
      const reply = await from("203.0.113.7", { token });
      expect([reply.status, isBeyond(reply)]).toEqual([429, true]);
      expect((await from("203.0.113.8", { token })).status).toBe(404);
    }
    const used = await env.DB.prepare("SELECT requests FROM api_usage WHERE key_id = ?1").bind(good.id).first("requests");
    expect(used).toBe(1);
  });
});

describe("usage", () => {
  test("is the key's own, against what it may", async () => {
    const { id, key } = await make({ requests_per_day: 10, export_rows_per_day: 1_000 });
    await at(NOW - DAY_MS)("GET", "/v1/status", { token: key });
    await call("GET", "/v1/nothing", { token: key });
    const reply = await call("GET", "/v1/usage", { token: key });
    const today = { date: "2026-11-20", requests: 2, export_rows: 0, download_bytes: 0 };
    expect(reply.body.data).toEqual({
      key_id: id,
      requests_per_day: 10,
      export_rows_per_day: 1_000,
      requests_per_minute: 600,
      export_rows_reserved: 0,
      price: null,
      reset_time: DAY + DAY_MS,
      today,
      days: [today, { date: "2026-11-19", requests: 1, export_rows: 0, download_bytes: 0 }],
    });
    expect((await call("GET", `/v1/usage?key_id=${id}`, { token: key })).body.data.key_id).toBe(id);
  });

  test("goes back 31 days", async () => {
    const { key } = await make({}, NOW - 40 * DAY_MS);
    for (const days of [31, 30]) await at(NOW - days * DAY_MS)("GET", "/v1/status", { token: key });
    const { data } = (await call("GET", "/v1/usage", { token: key })).body;
    expect(data.days.map(({ date }: { date: string }) => date)).toEqual(["2026-11-20", "2026-10-21"]);
  });

  test("of any key is shown to admins, by its id", async () => {
    const [other, admin] = [await make(), await make({ scopes: ["admin"] })];
    await call("GET", "/v1/status", { token: other.key });
    for (const token of [ROOT, admin.key]) {
      expect((await call("GET", `/v1/usage?key_id=${other.id}`, { token })).body.data).toMatchObject({
        key_id: other.id,
        today: { requests: 1 },
      });
      expect(await call("GET", "/v1/usage?key_id=key_x", { token })).toMatchObject({ status: 404 });
    }
    expect(await call("GET", "/v1/usage", { token: ROOT })).toMatchObject({ status: 400, body: { errors: [{ parameter: "key_id" }] } });
    expect((await call("GET", "/v1/usage", { token: admin.key })).body.data.key_id).toBe(admin.id);
  });

  test("of another key is refused without the scope admin, and all usage without a key", async () => {
    const [one, other] = [await make({ scopes: ["read", "export"] }), await make()];
    for (const id of [other.id, "key_x"]) {
      const reply = await call("GET", `/v1/usage?key_id=${id}`, { token: one.key });
      expect(reply).toMatchObject({ status: 403, body: { code: "forbidden", detail: expect.stringContaining("scope admin") } });
    }
    for (const path of ["/v1/usage", `/v1/usage?key_id=${other.id}`]) {
      const reply = await call("GET", path);
      expect(reply).toMatchObject({ status: 401, body: { code: "unauthorized" } });
      expect(reply.headers.get("WWW-Authenticate")).toBe("Bearer");
    }
  });
});

describe("a body of 10 MB", () => {
  test("is 413 by its Content-Length, without being read", async () => {
    const { body, taken } = chunked(BYTES);
    expect(await post({ body, headers: { "Content-Length": String(BYTES) } })).toMatchObject({ status: 413, body: { code: "too_large" } });
    expect(taken.bytes).toBeLessThanOrEqual(2 * PART.byteLength);
  });

  test.each([{}, { "Content-Length": "17" }, { "Content-Length": "many" }])(
    "is 413 with the headers %j too, and not kept",
    async (headers: Record<string, string>) => {
      const { body } = chunked(BYTES);
      expect(await post({ body, headers })).toMatchObject({ status: 413, body: { code: "too_large" } });
    },
  );

  test("is read to its end, so that the answer is not lost, but one without an end is cut off", async () => {
    const endless = chunked(Number.POSITIVE_INFINITY);
    expect(await post({ body: endless.body })).toMatchObject({ status: 413, body: { code: "too_large" } });
    expect(endless.taken.bytes).toBeLessThanOrEqual(16 * 1024 * 1024 + 4 * PART.byteLength);
    expect(endless.taken.cancelled).toBe(true);
  });

  test("is not read at all for who may not make keys", async () => {
    const { body, taken } = chunked(BYTES);
    expect(await apiClient(NOW, { ADMIN_TOKEN: ROOT })("/v1/keys", { method: "POST", body })).toMatchObject({ status: 401 });
    expect(taken.bytes).toBeLessThanOrEqual(PART.byteLength);
  });

  test("of 16 KiB is the longest that is taken", async () => {
    expect((await post({ body: padded(16_384) })).status).toBe(201);
    expect((await post({ body: padded(16_385) })).status).toBe(413);
  });
});
