import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { emptyStorage } from "../empty-storage.ts";
import { DAY } from "../sample-liquidation.ts";
import { type Reply, apiClient } from "./api-client.ts";

const HOUR_MS = 3_600_000;
const NOW = DAY + 7 * HOUR_MS;
const ROOT = "correct-horse-battery-staple-tonight";

interface Asked {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly now?: number;
}

function call(method: string, path: string, { token, body, headers = {}, now = NOW }: Asked = {}): Promise<Reply> {
  return apiClient(now, { ADMIN_TOKEN: ROOT, PUBLIC_READ: "false" })(path, {
    method,
    headers: { ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function makeKey(body: object = {}): Promise<{ readonly id: string; readonly key: string }> {
  const { body: made } = await call("POST", "/v1/keys", { token: ROOT, body: { name: "desk", scopes: ["read", "webhooks"], ...body } });
  return { id: String(made.data.key_id), key: String(made.data.key) };
}

const rotate = (token: string, body: object = {}, headers: Readonly<Record<string, string>> = {}, now = NOW) =>
  call("POST", "/v1/key/rotate", { token, body, headers, now });
const works = async (token: string, now = NOW) => (await call("GET", "/v1/datasets", { token, now })).status === 200;

afterEach(emptyStorage);

describe("the holder of a key, without the admin", () => {
  test("sees the key, and no secret", async () => {
    const { id, key } = await makeKey({ requests_per_day: 100 });
    const { status, body } = await call("GET", "/v1/key", { token: key });
    expect(status).toBe(200);
    expect(body.data).toMatchObject({
      key_id: id,
      name: "desk",
      scopes: ["read", "webhooks"],
      requests_per_day: 100,
      previous_key_expires_time: null,
    });
    expect(JSON.stringify(body)).not.toContain(key);
  });

  test("gives it a new secret: both work for the hours of grace, then the new one alone, under one id", async () => {
    const { id, key } = await makeKey();
    const { status, body } = await rotate(key, { grace_hours: 2 });
    expect(status).toBe(200);
    const fresh = String(body.data.key);
    expect(body.data).toMatchObject({ key_id: id, prefix: fresh.slice(0, 10), previous_key_expires_time: NOW + 2 * HOUR_MS });
    expect(fresh).not.toBe(key);
    expect([await works(key), await works(fresh)]).toEqual([true, true]);
    const later = NOW + 2 * HOUR_MS;
    expect([await works(key, later), await works(fresh, later)]).toEqual([false, true]);
    const usage = await call("GET", "/v1/usage", { token: fresh });
    expect(usage.body.data).toMatchObject({ key_id: id, today: { requests: expect.any(Number) } });
    expect(usage.body.data.today.requests, "both secrets count for one key").toBeGreaterThanOrEqual(4);
  });

  test("ends a leaked secret at once with no hours of grace", async () => {
    const { key } = await makeKey();
    const fresh = String((await rotate(key, { grace_hours: 0 })).body.data.key);
    expect([await works(key), await works(fresh)]).toEqual([false, true]);
  });

  test("keeps webhooks through a rotation", async () => {
    const { id, key } = await makeKey();
    const { body } = await call("POST", "/v1/webhooks", { token: key, body: { url: "http://127.0.0.1:9/" } });
    const fresh = String((await rotate(key)).body.data.key);
    expect((await call("GET", "/v1/webhooks", { token: fresh })).body.data).toMatchObject([{ id: body.data.id, owner: id }]);
  });

  test("cannot rotate by a secret that was replaced, so that its finder does not take the key over", async () => {
    const { key } = await makeKey();
    const fresh = String((await rotate(key)).body.data.key);
    expect(await rotate(key)).toMatchObject({ status: 409, body: { code: "conflict" } });
    expect(await rotate(key, {}, { "Idempotency-Key": "other" })).toMatchObject({ status: 409 });
    const third = String((await rotate(fresh)).body.data.key);
    expect([await works(key), await works(fresh), await works(third)]).toEqual([false, true, true]);
  });

  test("gets a lost answer again by its Idempotency-Key, and only with the same body", async () => {
    const { id, key } = await makeKey();
    const once = { "Idempotency-Key": "r1" };
    const first = await rotate(key, {}, once);
    expect((await rotate(key, {}, once)).body.data).toMatchObject({ key_id: id, key: first.body.data.key });
    expect(await rotate(key, { grace_hours: 3 }, once)).toMatchObject({ status: 422, body: { code: "idempotency_mismatch" } });
    expect(await works(String(first.body.data.key))).toBe(true);
    const stored = JSON.stringify((await env.DB.prepare("SELECT * FROM api_keys").all()).results);
    expect(stored).not.toContain(key);
    expect(stored).not.toContain(String(first.body.data.key));
  });

  test("ends it, with its former secret", async () => {
    const { key } = await makeKey();
    const fresh = String((await rotate(key)).body.data.key);
    expect((await call("DELETE", "/v1/key", { token: fresh })).status).toBe(204);
    expect([await works(key), await works(fresh)]).toEqual([false, false]);
  });

  test("does all of it with a quota that is used up", async () => {
    const { key } = await makeKey({ requests_per_day: 1 });
    await works(key);
    expect((await call("GET", "/v1/key", { token: key })).status).toBe(200);
    expect((await rotate(key)).status).toBe(200);
  });
});

test("without a key, with an expired one or with the ADMIN_TOKEN there is none to manage", async () => {
  expect((await call("GET", "/v1/key")).status).toBe(401);
  expect(await call("GET", "/v1/key", { token: ROOT })).toMatchObject({ status: 403, body: { code: "forbidden" } });
  const { key } = await makeKey({ expires_time: NOW + HOUR_MS });
  const fresh = String((await rotate(key)).body.data.key);
  for (const token of [key, fresh]) expect((await rotate(token, {}, {}, NOW + HOUR_MS)).status).toBe(401);
  expect(await rotate(fresh, { grace_hours: 1000 })).toMatchObject({ status: 400, body: { errors: [{ parameter: "grace_hours" }] } });
});
