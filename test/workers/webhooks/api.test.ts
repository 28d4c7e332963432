import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { apiClient } from "../api/api-client.ts";
import { until } from "../until.ts";
import { openInbox } from "./webhook-inbox.ts";

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

afterEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

describe("managing endpoints", () => {
  test("is for the holder of ADMIN_TOKEN only", async () => {
    const paths = [
      ["GET", ""],
      ["POST", ""],
      ["GET", "/x"],
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
    expect((await call("PUT", "/x")).headers.get("Allow")).toBe("GET, HEAD, DELETE, OPTIONS");
    expect((await call("GET", "/x/test")).status).toBe(405);
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
