import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { webhookEndpoints } from "../../../workers/cron/webhook-endpoints.ts";
import type { Env } from "../../../workers/env.ts";
import { closeUnfinished, unfinishedEndpoints } from "../../../workers/webhooks/endpoint-changes.ts";
import { publishEvent } from "../../../workers/webhooks/publish-event.ts";
import { apiClient } from "../api/api-client.ts";
import { sampleEvent } from "./open-courier.ts";
import { until } from "../until.ts";
import { openInbox } from "./webhook-inbox.ts";
import { emptyStorage } from "../empty-storage.ts";

const NOW = Date.now();
const ADMIN = { ADMIN_TOKEN: "s3cret-s3cret-s3cret-s3cret-s3cret" };
const client = (changes: object = {}) => {
  const ask = apiClient(NOW, { ...ADMIN, ...changes });
  return (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
    ask(`/v1/webhooks${path}`, {
      method,
      headers: { Authorization: "Bearer s3cret-s3cret-s3cret-s3cret-s3cret", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
};
const call = client();

afterEach(emptyStorage);

const errorsOf = async (body: object) =>
  (await call("POST", "", { url: "http://127.0.0.1:9/", ...body })).body.errors as { parameter: string; detail: string }[];

describe("managing endpoints", () => {
  test("is for holders of ADMIN_TOKEN or a key with the scope webhooks", async () => {
    const paths = [
      ["GET", ""],
      ["POST", ""],
      ["GET", "/x"],
      ["PATCH", "/x"],
      ["DELETE", "/x"],
      ["POST", "/x/test"],
      ["GET", "/x/deliveries"],
    ] as const;
    for (const [method, path] of paths) {
      for (const Authorization of ["", "Bearer wrong"]) {
        expect(await call(method, path, undefined, { Authorization })).toMatchObject({ status: 401, body: { code: "unauthorized" } });
      }
    }
    expect((await client({ ADMIN_TOKEN: undefined })("GET", "")).body.detail).toContain("ADMIN_TOKEN is not set");
  });

  test("shows the signing secret when it is made, and never again", async () => {
    const made = await call("POST", "", {
      url: "http://127.0.0.1:9/hook",
      events: ["signal.issued"],
      symbols: ["btc"],
      description: "mine",
    });
    expect(made).toMatchObject({
      status: 201,
      body: {
        data: {
          url: "http://127.0.0.1:9/hook",
          format: "standard",
          events: ["signal.issued"],
          symbols: ["BTC"],
          description: "mine",
          disabled_time: null,
          built_in: false,
        },
      },
    });
    const { id, secret } = made.body.data as { id: string; secret: string };
    expect(made.headers.get("Location")).toBe(`/v1/webhooks/${id}`);
    expect(atob(secret.replace("whsec_", ""))).toHaveLength(32);
    const shown = await call("GET", `/${id}`);
    expect(shown).toMatchObject({ status: 200, body: { data: { id, pending: 0, consecutive_failures: 0 } } });
    const listed = await call("GET", "");
    expect(listed.body).toMatchObject({ data: [{ id }], meta: { count: 1 } });
    const rows = await env.DB.prepare("SELECT * FROM webhook_endpoints").all();
    expect(JSON.stringify([shown.body, listed.body, rows.results])).not.toContain(secret);
  });

  test("names each bad parameter", async () => {
    const errors = async (body: object) =>
      ((await call("POST", "", body)).body.errors as { parameter: string }[]).map((error) => error.parameter);
    expect(await errors({ url: 5, format: "fax", events: ["signal.lost"], symbols: "BTC", hook: 1 })).toEqual([
      "url",
      "format",
      "events",
      "symbols",
      "hook",
    ]);
    expect(await errors({})).toEqual(["url"]);
    expect(await errors({ format: "telegram", url: "https://example.com/" })).toEqual(["url", "chat_id"]);
    expect(await errors({ format: "slack", url: "https://hooks.example.com/x", chat_id: "1" })).toEqual(["chat_id"]);
    expect(await errors({ format: "telegram", chat_id: "-100" })).toEqual(["bot_token"]);
    expect(await call("POST", "", { description: "x".repeat(20_000) })).toMatchObject({ status: 413, body: { code: "too_large" } });
    expect(await call("POST", "", [])).toMatchObject({ status: 400, body: { errors: [{ parameter: "body" }] } });
    expect(await call("POST", "", { url: "http://127.0.0.1:9/" }, { "Idempotency-Key": "é" })).toMatchObject({ status: 400 });
  });

  test("filters decisions by action, confidence and USD, with defaults for programs and for people", async () => {
    const made = async (body: object) => (await call("POST", "", body)).body.data;
    const URL = "http://127.0.0.1:9/";
    const open = { min_confidence: null, min_flow_usd: null };
    expect(await made({ url: URL })).toMatchObject({ ...open, actions: [], updates: "new" });
    expect(await made({ url: URL, format: "discord" })).toMatchObject({ ...open, actions: ["BUY", "SELL"], updates: "edit" });
    expect(await made({ url: URL, format: "email" })).toMatchObject({
      actions: ["BUY", "SELL"],
      updates: "new",
      secret: expect.stringMatching(/^whsec_/),
    });
    const asked = { actions: ["BUY", "NOTHING"], min_confidence: 60, min_flow_usd: { "*": 5_000_000 }, updates: "new" };
    const { id, ...rest } = await made({ url: URL, format: "discord", ...asked });
    expect(rest).toMatchObject(asked);
    const changed = { actions: [], min_confidence: null, min_flow_usd: 1_000_000, updates: "edit" };
    expect((await call("PATCH", `/${String(id)}`, changed)).body.data).toMatchObject({ ...changed, format: "discord", events: [] });
    expect((await call("PATCH", `/${String(id)}`, { min_flow_usd: null })).body.data).toMatchObject({ ...changed, min_flow_usd: null });
  });

  test("says what is wrong with a filter, and what is allowed", async () => {
    const RULE = expect.stringMatching(/must be USD from 1 to/) as string;
    expect(await errorsOf({ actions: ["HOLD"] })).toMatchObject([{ parameter: "actions", detail: "must be a list of BUY, SELL, NOTHING" }]);
    expect(await errorsOf({ min_confidence: 101 })).toMatchObject([
      { parameter: "min_confidence", detail: expect.stringMatching(/from 0 to 100/) },
    ]);
    expect(await errorsOf({ min_flow_usd: 0 })).toMatchObject([{ parameter: "min_flow_usd", detail: RULE }]);
    expect(await errorsOf({ min_flow_usd: {} })).toMatchObject([{ parameter: "min_flow_usd", detail: RULE }]);
    expect(await errorsOf({ updates: "edit", format: "slack" })).toMatchObject([
      { parameter: "updates", detail: "cannot be edit in the format slack: only telegram and discord edit" },
    ]);
    expect(await errorsOf({ symbols: ["BTC"], min_flow_usd: { ETH: 1 } })).toMatchObject([
      { parameter: "min_flow_usd", detail: "names ETH, which symbols does not have" },
    ]);
  });

  test("refuses addresses that are not public, loopback too outside local development", async () => {
    const deployed = client({ LOCAL_DEVELOPMENT: "false" });
    for (const url of [
      "http://127.0.0.1:9/",
      "https://localhost/",
      "https://10.0.0.1/",
      "https://[::1]/",
      "http://1.1.1.1/",
      "https://printer.local/",
    ]) {
      expect(await deployed("POST", "", { url })).toMatchObject({ status: 400, body: { errors: [{ parameter: "url" }] } });
    }
    expect((await deployed("POST", "", { url: "https://1.1.1.1/hook" })).status).toBe(201);
  });

  test("shows only the host of an address that is itself a secret", async () => {
    const { body } = await call("POST", "", { format: "slack", url: "https://1.1.1.1/services/T0/B0/s3cr3tpath" });
    expect(body.data).toMatchObject({ url: "https://1.1.1.1/…", secret: null });
    const telegram = await call("POST", "", { format: "telegram", chat_id: "@news", bot_token: "12345:abcdefghijklmnop" });
    expect(telegram.body.data).toMatchObject({ url: "telegram:@news", secret: null });
    const rows = await env.DB.prepare("SELECT * FROM webhook_endpoints").all();
    expect(JSON.stringify(rows.results)).not.toMatch(/s3cr3tpath|abcdefghijklmnop/);
  });

  test("repeated under its Idempotency-Key makes one endpoint; another body under it is refused", async () => {
    const key = { "Idempotency-Key": "k1" };
    const [first, second] = [
      await call("POST", "", { url: "http://127.0.0.1:9/a" }, key),
      await call("POST", "", { url: "http://127.0.0.1:9/a" }, key),
    ];
    expect(second).toMatchObject({ status: 201, body: { data: first.body.data } });
    expect(await call("POST", "", { url: "http://127.0.0.1:9/b" }, key)).toMatchObject({
      status: 422,
      body: { code: "idempotency_mismatch" },
    });
    expect((await call("GET", "")).body.meta.count).toBe(1);
  });

  test("removes an endpoint with its log and what waits", async () => {
    const inbox = await openInbox([{ status: 500 }]);
    const { id } = (await call("POST", "", { url: inbox.url })).body.data;
    await call("POST", `/${id}/test`);
    await until("it was tried", async () => (await call("GET", `/${id}`)).body.data.consecutive_failures === 1);
    expect((await call("DELETE", `/${id}`)).status).toBe(204);
    expect((await call("GET", `/${id}`)).status).toBe(404);
    expect(await env.WEBHOOK_OUTBOX.getByName(id).status()).toMatchObject({ pending: 0, consecutive_failures: 0 });
    expect((await env.DB.prepare("SELECT * FROM webhook_deliveries").all()).results).toEqual([]);
  });

  test("lists the built-in endpoints whose secrets are set, and does not remove them", async () => {
    const configured = client({
      TELEGRAM_BOT_TOKEN: "1:aaaaaaaaaaaa",
      TELEGRAM_CHAT_ID: "-100",
      DISCORD_WEBHOOK_URL: "https://discord.com/api/webhooks/1/t0ken",
    });
    const { body } = await configured("GET", "");
    expect(body.data).toMatchObject([
      { id: "discord", url: "https://discord.com/…", built_in: true },
      { id: "telegram", url: "telegram:-100", built_in: true },
    ]);
    expect(JSON.stringify(body)).not.toMatch(/t0ken|aaaaaaaaaaaa/);
    expect(await configured("DELETE", "/telegram")).toMatchObject({ status: 409, body: { code: "conflict" } });
    expect(await configured("POST", "/telegram/rotate")).toMatchObject({ status: 409, body: { code: "conflict" } });
    expect((await call("GET", "")).body.data).toEqual([]);
  });

  test("answers what is not there with 404, and a method that is not there with 405", async () => {
    for (const [method, path] of [
      ["GET", "/x"],
      ["DELETE", "/x"],
      ["POST", "/x/test"],
      ["POST", "/x/rotate"],
      ["POST", "/x/enable"],
      ["GET", "/x/deliveries"],
      ["POST", "/x/deliveries/y/replay"],
    ] as const) {
      expect(await call(method, path), `${method} ${path}`).toMatchObject({ status: 404, body: { code: "not_found" } });
    }
    expect((await call("PUT", "/x")).headers.get("Allow")).toBe("GET, HEAD, PATCH, DELETE, OPTIONS");
    expect((await call("GET", "/x/test")).status).toBe(405);
  });
});

const HOOK = { url: "http://127.0.0.1:9/a" };
const rows = async () => (await env.DB.prepare("SELECT endpoint_id, state FROM webhook_endpoints ORDER BY endpoint_id").all()).results;
/** Whether the object of an endpoint holds anything. */
const isStored = (id: string) =>
  runInDurableObject(env.WEBHOOK_OUTBOX.getByName(id), (_object, { storage }) => [...storage.kv.list()].length > 0);
const minute = (now = NOW) => webhookEndpoints(env, parseConfig({}), now);

describe("creations at once", () => {
  test("of 20 with one Idempotency-Key make one endpoint with one secret", async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => call("POST", "", HOOK, { "Idempotency-Key": "k" })));
    expect(made.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 201));
    expect(new Set(made.map(({ body }) => `${body.data.id} ${body.data.secret}`)).size).toBe(1);
    expect(await rows()).toEqual([{ endpoint_id: made[0]?.body.data.id, state: "open" }]);
  });

  test("of 70 never make more than 50, and what was refused leaves nothing", async () => {
    const made = await Promise.all(Array.from({ length: 70 }, () => call("POST", "", HOOK)));
    const statuses = Map.groupBy(made, ({ status }) => status);
    expect([statuses.get(201)?.length, statuses.get(409)?.length]).toEqual([50, 20]);
    expect(statuses.get(409)?.[0]?.body.detail).toBe("There are 50 webhook endpoints already, the maximum.");
    expect(await rows()).toHaveLength(50);
  });
});

describe("what an interruption leaves", () => {
  const interrupted = { ...env.WEBHOOK_OUTBOX, getByName: () => ({ open: () => Promise.reject(new Error("interrupted")) }) };

  test("of a creation is not listed, and is finished by the same request", async () => {
    const key = { "Idempotency-Key": "k" };
    expect((await client({ WEBHOOK_OUTBOX: interrupted })("POST", "", HOOK, key)).status).toBe(500);
    expect((await call("GET", "")).body.data).toEqual([]);
    const again = await call("POST", "", HOOK, key);
    expect(again).toMatchObject({ status: 201, body: { data: { secret: expect.stringMatching(/^whsec_/) } } });
    expect(await rows()).toEqual([{ endpoint_id: again.body.data.id, state: "open" }]);
    expect(await isStored(again.body.data.id)).toBe(true);
  });

  test("of a creation is otherwise deleted by the minute's work, with its object", async () => {
    expect((await client({ DB: failingAt(env.DB, "SET state = 'open'") })("POST", "", HOOK)).status).toBe(503);
    const [row] = await rows();
    const id = String(row?.["endpoint_id"]);
    expect(await isStored(id)).toBe(true);
    expect((await minute()).closed).toEqual([]);
    expect((await minute(NOW + 600_001)).closed).toEqual([id]);
    expect([await rows(), await isStored(id)]).toEqual([[], false]);
  });

  test("of a deletion is deleted by the minute's work", async () => {
    const { id } = (await call("POST", "", HOOK)).body.data;
    const stuck = { ...env.WEBHOOK_OUTBOX, getByName: () => ({ close: () => Promise.reject(new Error("interrupted")) }) };
    expect((await client({ WEBHOOK_OUTBOX: stuck })("DELETE", `/${id}`)).status).toBe(500);
    expect((await call("GET", `/${id}`)).status).toBe(404);
    expect((await minute()).closed).toEqual([id]);
    expect([await rows(), await isStored(id)]).toEqual([[], false]);
  });

  test("of a creation stays where a repeated request finishes it while the minute's work goes on", async () => {
    const key = { "Idempotency-Key": "k" };
    await client({ WEBHOOK_OUTBOX: interrupted })("POST", "", HOOK, key);
    const ids = await unfinishedEndpoints(env.DB, NOW + 600_001);
    const { id } = (await call("POST", "", HOOK, key)).body.data;
    expect(ids).toEqual([id]);
    expect(await closeUnfinished(env, id)).toBe(false);
    expect([await rows(), await isStored(id)]).toEqual([[{ endpoint_id: id, state: "open" }], true]);
  });

  test("at an object that fails delays no other endpoint, and the job fails at its end", async () => {
    const [revoked, other] = [await holder(), await holder()];
    const ids: string[] = [];
    for (const ask of [call, call, revoked.ask, other.ask, call]) ids.push((await ask("POST", "", HOOK)).body.data.id);
    const [stuck, deleted, kept, disabled, failing] = ids as [string, string, string, string, string];
    await env.DB.prepare("UPDATE webhook_endpoints SET state = 'closing' WHERE endpoint_id IN (?, ?)").bind(stuck, deleted).run();
    await Promise.all([revoked.revoke(), other.revoke()]);
    await failingRow(failing);
    const broken = { close: () => Promise.reject(new Error("stuck")), disable: () => Promise.reject(new Error("stuck")) };
    const getByName = (id: string) => (id === stuck || id === kept ? broken : env.WEBHOOK_OUTBOX.getByName(id));
    const partly = { ...env, WEBHOOK_OUTBOX: { ...env.WEBHOOK_OUTBOX, getByName } } as unknown as Env;
    await expect(webhookEndpoints(partly, parseConfig({}), NOW)).rejects.toThrow(`endpoint ${stuck}: stuck; endpoint ${kept}: stuck`);
    const { results } = await env.DB.prepare(
      "SELECT endpoint_id AS id FROM webhook_endpoints WHERE disabled_time IS NULL AND announced_failing_since IS NULL",
    ).all<{ id: string }>();
    expect(results.map(({ id }) => id).toSorted()).toEqual([kept, stuck].toSorted());
    expect(await isStored(deleted)).toBe(false);
    expect(await minute()).toMatchObject({ closed: [stuck], disabled: [kept] });
    expect((await rows()).map((row) => row["endpoint_id"])).toEqual([kept, disabled, failing].toSorted());
  });
});

/** A database that fails at statements with this text. */
function failingAt(db: D1Database, text: string): object {
  return {
    batch: (statements: D1PreparedStatement[]) => db.batch(statements),
    prepare: (sql: string) => {
      if (sql.includes(text)) throw new Error("D1_ERROR: interrupted");
      return db.prepare(sql);
    },
  };
}

/** A key with these scopes, and the API as its holder asks it. */
async function holder(scopes: readonly string[] = ["webhooks"], more: object = {}) {
  const keys = apiClient(NOW, ADMIN);
  const headers = { Authorization: `Bearer ${ADMIN.ADMIN_TOKEN}` };
  const { body } = await keys("/v1/keys", { method: "POST", headers, body: JSON.stringify({ name: "k", scopes, ...more }) });
  const { key, key_id: id } = body.data as { key: string; key_id: string };
  return {
    id,
    revoke: () => keys(`/v1/keys/${id}`, { method: "DELETE", headers }),
    ask: (method: string, path: string, sent?: object, extra: Record<string, string> = {}) =>
      call(method, path, sent, { Authorization: `Bearer ${key}`, ...extra }),
  };
}

describe("a key with the scope webhooks", () => {
  test("manages its own endpoints and sees no other; an admin sees all", async () => {
    const [one, other] = [await holder(), await holder()];
    const { id } = (await one.ask("POST", "", HOOK)).body.data;
    expect((await one.ask("GET", "")).body.data).toMatchObject([{ id, owner: one.id }]);
    expect((await one.ask("PATCH", `/${id}`, { description: "mine" })).body.data.description).toBe("mine");
    expect((await other.ask("GET", "")).body).toMatchObject({ data: [], meta: { count: 0 } });
    for (const [method, path, body] of [
      ["GET", ""],
      ["PATCH", "", { events: [] }],
      ["POST", "/test"],
      ["POST", "/rotate"],
      ["POST", "/enable"],
      ["GET", "/deliveries"],
      ["POST", "/deliveries/msg_1/replay"],
      ["DELETE", ""],
    ] as const) {
      expect(await other.ask(method, `/${id}${path}`, body), `${method} ${path}`).toMatchObject({ status: 404 });
    }
    const configured = client({ DISCORD_WEBHOOK_URL: "https://discord.com/api/webhooks/1/t0ken" });
    expect((await configured("GET", "")).body.data.map((endpoint: { owner: string }) => endpoint.owner).toSorted()).toEqual(
      ["admin", one.id].toSorted(),
    );
    expect((await one.ask("DELETE", `/${id}`)).status).toBe(204);
  });

  test("is needed: another key is refused, and one with the scope admin is not", async () => {
    expect(await (await holder(["read", "export"])).ask("GET", "")).toMatchObject({ status: 403, body: { code: "forbidden" } });
    expect((await (await holder(["admin"])).ask("GET", "")).status).toBe(200);
  });

  test("has its own Idempotency-Keys, in creating, testing and rotating", async () => {
    const [one, other] = [await holder(), await holder()];
    const key = { "Idempotency-Key": "k" };
    const made = [
      await one.ask("POST", "", HOOK, key),
      await other.ask("POST", "", { url: "http://127.0.0.1:9/b" }, key),
      await call("POST", "", HOOK, key),
    ];
    expect(made.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(made.map(({ body }) => body.data.secret)).size).toBe(3);
    const id = String(made[0]?.body.data.id);
    const [mine, again, theirs] = [
      await one.ask("POST", `/${id}/rotate`, undefined, key),
      await one.ask("POST", `/${id}/rotate`, undefined, key),
      await call("POST", `/${id}/rotate`, undefined, key),
    ];
    expect(again.body.data.secret).toBe(mine.body.data.secret);
    expect(theirs.body.data.secret).not.toBe(mine.body.data.secret);
    const tests = [await one.ask("POST", `/${id}/test`, undefined, key), await call("POST", `/${id}/test`, undefined, key)];
    expect(new Set(tests.map(({ body }) => body.data.delivery_id)).size).toBe(2);
  });

  test("makes at most ten, and none that posts as the operator's Telegram bot", async () => {
    const one = await holder();
    const made = await Promise.all(Array.from({ length: 14 }, () => one.ask("POST", "", HOOK)));
    expect(made.filter(({ status }) => status === 201)).toHaveLength(10);
    expect(made.find(({ status }) => status === 409)?.body.detail).toContain("There are 10 webhook endpoints of this API key already");
    expect(await (await holder()).ask("POST", "", { format: "telegram", chat_id: "-100" })).toMatchObject({
      status: 400,
      body: { detail: "bot_token: is required, except for admins" },
    });
  });

  test("that is revoked or has expired receives nothing more, and only a valid key's endpoint is enabled again", async () => {
    const [revoked, expired] = [await holder(), await holder(["webhooks"], { expires_time: NOW + 1 })];
    const ids = [(await revoked.ask("POST", "", HOOK)).body.data.id, (await expired.ask("POST", "", HOOK)).body.data.id];
    expect((await minute()).disabled).toEqual([]);
    await revoked.revoke();
    expect((await minute(NOW + 1)).disabled.toSorted()).toEqual(ids.toSorted());
    expect((await call("GET", `/${ids[0]}`)).body.data.disabled_reason).toBe("its API key was revoked");
    expect((await call("GET", `/${ids[1]}`)).body.data.disabled_reason).toBe("its API key has expired");
    expect((await minute(NOW + 60_000)).disabled).toEqual([]);
    expect(await call("POST", `/${ids[0]}/enable`)).toMatchObject({ status: 409, body: { code: "conflict" } });
  });
});

describe("a change", () => {
  test("replaces what it names and keeps the rest", async () => {
    const { id } = (await call("POST", "", { ...HOOK, events: ["signal.issued"], symbols: ["BTC"], description: "a" })).body.data;
    expect((await call("PATCH", `/${id}`, { symbols: ["eth"] })).body.data).toMatchObject({
      events: ["signal.issued"],
      symbols: ["ETH"],
      description: "a",
    });
    expect((await call("PATCH", `/${id}`, { events: [], description: null })).body.data).toMatchObject({
      events: [],
      symbols: ["ETH"],
      description: null,
    });
  });

  test("of nothing, of a URL, or to an unknown event is refused", async () => {
    const { id } = (await call("POST", "", HOOK)).body.data;
    for (const body of [{}, { url: "http://127.0.0.1:9/b" }, { events: ["signal.lost"] }, { symbols: "BTC" }]) {
      expect((await call("PATCH", `/${id}`, body)).status).toBe(400);
    }
  });
});

test("a base asset that is not collected is refused, as in every other request", async () => {
  const refused = {
    status: 404,
    body: { code: "unknown_symbol", errors: [{ parameter: "symbols", detail: expect.stringContaining("DOGE") }] },
  };
  expect(await call("POST", "", { ...HOOK, symbols: ["BTC", "doge"] })).toMatchObject(refused);
  const { id } = (await call("POST", "", HOOK)).body.data;
  expect(await call("PATCH", `/${id}`, { symbols: ["DOGE"] })).toMatchObject(refused);
  expect((await client({ LIQUIDATION_SYMBOLS: "*" })("PATCH", `/${id}`, { symbols: ["DOGE"] })).status).toBe(200);
});

const failingRow = (id: string) =>
  env.DB.prepare(
    "UPDATE webhook_endpoints SET failing_since = 5, will_be_disabled_time = 9, failing_error = 'HTTP 500' WHERE endpoint_id = ?",
  )
    .bind(id)
    .run();

describe("an owner", () => {
  test("is warned once at its other endpoints, and so is the operator, before and after an endpoint is disabled", async () => {
    const [one, other] = [await holder(), await holder()];
    const inboxes = [await openInbox(), await openInbox(), await openInbox()] as const;
    const broken = (await one.ask("POST", "", { ...HOOK, description: "desk" })).body.data.id;
    await one.ask("POST", "", { url: inboxes[0].url });
    await call("POST", "", { url: inboxes[1].url });
    await other.ask("POST", "", { url: inboxes[2].url });
    await failingRow(broken);
    expect((await one.ask("GET", `/${broken}`)).body.data).toMatchObject({ failing_since: 5, will_be_disabled_time: 9 });
    expect((await minute()).announced).toEqual([`webhook.failing:${broken}:5`]);
    expect((await minute()).announced).toEqual([]);
    await env.WEBHOOK_OUTBOX.getByName(broken).disable("HTTP 410");
    expect((await minute()).announced).toEqual([expect.stringMatching(`^webhook.disabled:${broken}:`)]);
    await publishEvent(env, parseConfig({}), sampleEvent());
    const types = async (inbox: (typeof inboxes)[number]) =>
      (await inbox.received()).map(({ body }) => JSON.parse(body).type as string).toSorted();
    await until("all have the last event", async () =>
      (await Promise.all(inboxes.map(types))).every((seen) => seen.includes("signal.issued")),
    );
    const all = ["signal.issued", "webhook.disabled", "webhook.failing"];
    expect(await Promise.all(inboxes.map(types))).toEqual([all, all, ["signal.issued"]]);
    const warning = (await inboxes[0].received()).map(({ body }) => JSON.parse(body)).find(({ type }) => type === "webhook.failing");
    expect(warning).toMatchObject({
      timestamp: new Date(NOW).toISOString(),
      data: { endpoint_id: broken, owner: one.id, description: "desk", failing_since: 5, will_be_disabled_time: 9, error: "HTTP 500" },
    });
  });

  test("sees its own exports only, and an admin those of all", async () => {
    const one = await holder();
    const inboxes = [await openInbox(), await openInbox()] as const;
    await one.ask("POST", "", { url: inboxes[0].url });
    await call("POST", "", { url: inboxes[1].url });
    for (const owner of ["someone", one.id]) {
      await publishEvent(env, parseConfig({}), sampleEvent({ id: owner, type: "export.ready", symbol: null, data: { owner } }));
    }
    await until("they are received", async () => (await inboxes[0].received()).length === 1 && (await inboxes[1].received()).length === 2);
    const owners = (await inboxes[0].received()).map(({ body }) => JSON.parse(body).data.owner as string);
    expect(owners).toEqual([one.id]);
  });
});

describe("an endpoint's deliveries", () => {
  test("are listed newest first, by pages and by state, and are replayed", async () => {
    const inbox = await openInbox();
    const { id } = (await call("POST", "", { url: inbox.url })).body.data;
    const ids: string[] = [];
    for (const key of ["a", "b", "c"]) {
      ids.unshift(String((await call("POST", `/${id}/test`, undefined, { "Idempotency-Key": key })).body.data.delivery_id));
      await until("it is logged", async () => (await call("GET", `/${id}/deliveries?state=delivered`)).body.meta.count === ids.length);
    }
    expect((await call("POST", `/${id}/test`, undefined, { "Idempotency-Key": "c" })).body.data.delivery_id).toBe(ids[0]);
    const first = await call("GET", `/${id}/deliveries?limit=2`);
    expect(first.body.data).toMatchObject([
      { id: ids[0], event_type: "webhook.test", state: "delivered", attempts: [{ status: 200, response: "ok", error: null }] },
      { id: ids[1] },
    ]);
    const second = await call("GET", `/${id}/deliveries?limit=2&cursor=${first.body.meta.next_cursor}`);
    expect(second.body).toMatchObject({ data: [{ id: ids[2] }], meta: { next_cursor: null } });
    expect((await call("GET", `/${id}/deliveries?state=failed`)).body.data).toEqual([]);
    expect(await call("GET", `/${id}/deliveries?state=lost&limit=0`)).toMatchObject({
      status: 400,
      body: { errors: [{ parameter: "state" }, { parameter: "limit" }] },
    });
    expect(await call("POST", `/${id}/deliveries/${ids[2]}/replay`)).toMatchObject({
      status: 202,
      body: { data: { delivery_id: ids[2] } },
    });
    await until("it is received again", async () => (await inbox.received()).length === 4);
    expect((await inbox.received())[3]?.headers["webhook-id"]).toBe(ids[2]);
    expect((await call("POST", `/${id}/deliveries/msg_0/replay`)).status).toBe(404);
  });

  test("stop where the endpoint is disabled, and go on once it is enabled", async () => {
    const inbox = await openInbox([{ status: 410 }]);
    const { id } = (await call("POST", "", { url: inbox.url })).body.data;
    await call("POST", `/${id}/test`);
    await until("it is disabled", async () => (await call("GET", `/${id}`)).body.data.disabled_time !== null);
    expect((await call("GET", `/${id}`)).body.data.disabled_reason).toContain("HTTP 410");
    expect(await call("POST", `/${id}/test`)).toMatchObject({ status: 409, body: { code: "conflict" } });
    expect((await call("POST", `/${id}/enable`)).body.data).toMatchObject({ disabled_time: null, disabled_reason: null });
    await call("POST", `/${id}/test`);
    await until("it is received", async () => (await inbox.received()).length === 2);
  });

  test("are signed with a new secret after a rotation, the same one where the request is repeated", async () => {
    const made = await call("POST", "", { url: "http://127.0.0.1:9/" }, { "Idempotency-Key": "made" });
    const { id, secret } = made.body.data;
    const rotate = async (key: string) => (await call("POST", `/${id}/rotate`, undefined, { "Idempotency-Key": key })).body.data;
    const rotated = await rotate("r1");
    expect(rotated).toEqual({ secret: expect.stringMatching(/^whsec_/), previous_secret_expires_time: expect.any(Number) });
    expect(rotated.secret).not.toBe(secret);
    expect((await rotate("r1")).secret).toBe(rotated.secret);
    expect((await rotate("r2")).secret).not.toBe(rotated.secret);
    expect((await call("POST", "", { url: "http://127.0.0.1:9/" }, { "Idempotency-Key": "made" })).body.data).toMatchObject({
      id,
      secret: null,
    });
  });
});
