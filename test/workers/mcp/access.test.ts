import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { sha256Hex } from "../../../src/sha256.ts";
import { insertKey } from "../../../workers/access/keys.ts";
import { mcpClient } from "./mcp-client.ts";
import { DAY } from "../sample-liquidation.ts";
import { emptyStorage } from "../empty-storage.ts";

const NOW = DAY + 3_600_000;
const { get, request } = mcpClient(NOW);

afterEach(emptyStorage);

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const preflight = (path: string, method: string) =>
  get(path, { method: "OPTIONS", headers: { Origin: "https://example.com", "Access-Control-Request-Method": method } });

describe("who may ask", () => {
  const NEW_KEY = { name: "k", scopes: ["read"] as const, requests_per_day: null, export_rows_per_day: null, expires_time: null };
  const closed = mcpClient(NOW, { PUBLIC_READ: "false", ADMIN_TOKEN: "correct-horse-battery-staple-tonight" });
  const ping = (headers: Readonly<Record<string, string>> = {}) => closed.request("tools/list", {}, headers);

  test("nobody without a credential where reading is closed, not even for the list of tools", async () => {
    const reply = await ping();
    expect(reply).toMatchObject({ status: 401, body: { code: "unauthorized" } });
    expect(reply.headers.get("WWW-Authenticate")).toBe("Bearer");
    expect((await closed.modernRequest("server/discover")).status).toBe(401);
  });

  test("a key with the scope read, in either header, and the holder of ADMIN_TOKEN", async () => {
    const { key } = await insertKey(env.DB, NEW_KEY, NOW);
    for (const headers of [bearer(key), { "X-API-Key": key }, bearer("correct-horse-battery-staple-tonight")]) {
      expect((await ping(headers)).status).toBe(200);
      expect((await closed.call("get_stats", { symbol: "BTC" }, headers)).isError).toBeUndefined();
    }
  });

  test("no key without that scope, and no credential that is wrong, even where reading is open", async () => {
    const { key } = await insertKey(env.DB, { ...NEW_KEY, scopes: ["export"] }, NOW);
    const reply = await ping(bearer(key));
    expect(reply).toMatchObject({ status: 403, body: { code: "forbidden" } });
    expect(reply.headers.get("WWW-Authenticate")).toBe('Bearer error="insufficient_scope", scope="read"');
    const expired = await insertKey(env.DB, { ...NEW_KEY, expires_time: NOW - 1 }, NOW - 2);
    for (const token of [expired.key, "wrong"]) {
      const refused = await request("tools/list", {}, bearer(token));
      expect(refused.status).toBe(401);
      expect(refused.headers.get("WWW-Authenticate")).toBe('Bearer error="invalid_token"');
    }
  });

  test("each request counts as the operation of its tool does, and once for a day's quota", async () => {
    const asked: string[] = [];
    const counting = { limit: ({ key }: { readonly key: string }) => (asked.push(key), Promise.resolve({ success: true })) };
    const counted = mcpClient(NOW, { RATE_LIMIT: counting, KEY_RATE_LIMIT: counting });
    await counted.call("get_stats", { symbol: "BTC" }, { "CF-Connecting-IP": "192.0.2.7" });
    expect(asked).toEqual(["192.0.2.7", "192.0.2.7", "192.0.2.7"]);
    const { key, key_id } = await insertKey(env.DB, NEW_KEY, NOW);
    await counted.call("get_cross_exchange", { symbol: "BTC" }, bearer(key));
    // By the address that tries a credential once, and by the key as what it reads costs.
    const hash = await sha256Hex(key);
    expect(asked.slice(3)).toEqual(["address:unknown", hash, hash, hash, hash, hash]);
    expect(await env.DB.prepare("SELECT requests FROM api_usage WHERE key_id = ?1").bind(key_id).first("requests")).toBe(1);
  });

  test("until the limit of the address, or what the key may ask a day, is used up", async () => {
    const full = mcpClient(NOW, { RATE_LIMIT: { limit: () => Promise.resolve({ success: false }) } });
    const limited = await full.request("ping");
    expect(limited).toMatchObject({ status: 429, body: { code: "rate_limited" } });
    expect(limited.headers.get("Retry-After")).toBe("60");
    const { key } = await insertKey(env.DB, { ...NEW_KEY, requests_per_day: 1 }, NOW);
    const first = await closed.request("tools/list", {}, bearer(key));
    expect(first.status).toBe(200);
    expect(first.headers.get("RateLimit")).toMatch(/^"day";r=0;/);
    expect(await closed.request("tools/list", {}, bearer(key))).toMatchObject({ status: 429, body: { code: "quota_exceeded" } });
  });
});

describe("browsers", () => {
  test("pages of other sites may speak MCP with it, and only there may they post", async () => {
    const { status, headers } = await preflight("/mcp", "POST");
    expect(status).toBe(204);
    expect(headers.get("Access-Control-Allow-Methods")).toBe("POST");
    for (const name of ["Content-Type", "Authorization", "X-API-Key", "MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"]) {
      expect(headers.get("Access-Control-Allow-Headers")?.split(",")).toContain(name);
    }
    expect((await preflight("/v1/stats", "POST")).headers.get("Access-Control-Allow-Methods")).toBe("GET,HEAD");
  });

  test("every answer may be read by them, refusals too", async () => {
    const deployed = mcpClient(NOW, { LOCAL_DEVELOPMENT: "false", PUBLIC_READ: "false" });
    const reply = await deployed.request("ping", {}, { Origin: "https://example.com" });
    expect(reply.status).toBe(401);
    expect(reply.headers.get("Access-Control-Allow-Origin")).toBe("*");
    expect(reply.headers.get("Access-Control-Expose-Headers")).toContain("WWW-Authenticate");
  });

  test("on a machine of one's own no page of another site gets through, whatever name it gives that machine", async () => {
    const local = mcpClient(NOW, { LOCAL_DEVELOPMENT: "true" });
    for (const origin of ["https://example.com", "null", "http://localhost.example.com"]) {
      expect(await local.request("ping", {}, { Origin: origin })).toMatchObject({ status: 403, body: { code: "forbidden" } });
    }
    expect((await local.get("http://rebound.example.com/mcp", { method: "POST" })).status).toBe(403);
    for (const origin of ["http://localhost:6274", "http://127.0.0.1:3000", "http://[::1]"]) {
      expect((await local.request("ping", {}, { Origin: origin })).status).toBe(200);
    }
    const deployed = mcpClient(NOW, { LOCAL_DEVELOPMENT: "false" });
    expect((await deployed.request("ping", {}, { Origin: "https://example.com" })).status).toBe(200);
  });
});
