import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { apiClient } from "./api-client.ts";
import { DAY } from "../sample-liquidation.ts";
import { emptyStorage } from "../empty-storage.ts";

const get = apiClient(DAY);
const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });

afterEach(emptyStorage);

describe("health", () => {
  test("is 200 while D1 answers with its tables", async () => {
    expect(await get("/health")).toMatchObject({ status: 200, body: { data: { status: "ok", time: DAY } } });
  });

  test("is a 503 problem where D1 does not", async () => {
    await env.DB.exec("DROP TABLE hot_events");
    const reply = await get("/health");
    expect(reply).toMatchObject({ status: 503, body: { code: "storage_unavailable", status: 503 } });
    expect(JSON.stringify(reply.body)).not.toContain("hot_events");
  });
});

describe("problems", () => {
  test("have the members of RFC 9457 and the request's id", async () => {
    const reply = await get("/v1/nothing?x=1");
    expect(reply.headers.get("Content-Type")).toBe("application/problem+json");
    expect(reply.body).toEqual({
      type: "about:blank",
      title: "Not Found",
      status: 404,
      detail: "Nothing exists at /v1/nothing.",
      instance: "/v1/nothing",
      code: "not_found",
      request_id: reply.headers.get("X-Request-Id"),
    });
  });

  test("a method that is not for reading is refused with what is allowed", async () => {
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
      const reply = await get("/v1/stats", { method });
      expect(reply).toMatchObject({ status: 405, body: { code: "method_not_allowed" } });
      expect(reply.headers.get("Allow")).toBe("GET, HEAD, OPTIONS");
    }
  });

  test("a wrong configuration closes every route and names the variable, not its value", async () => {
    const broken = apiClient(DAY, { LIQUIDATION_THRESHOLD: "minus-one", ADMIN_TOKEN: "s3cret-s3cret-s3cret-s3cret-s3cret" });
    for (const path of ["/health", "/v1/status", "/v1/stats?symbol=BTC"]) {
      const reply = await broken(path);
      expect(reply).toMatchObject({ status: 503, body: { code: "misconfigured" } });
      expect(reply.body.detail).toContain("LIQUIDATION_THRESHOLD");
      expect(JSON.stringify(reply.body)).not.toMatch(/minus-one|s3cret-s3cret-s3cret-s3cret-s3cret/);
    }
  });

  test.each([
    ["/v1/stats", ["symbol"]],
    ["/v1/stats?symbol=BTC&window=25h", ["window"]],
    ["/v1/stats?symbol=BTC&color=red", ["color"]],
    ["/v1/stats?symbol=BTC&symbol=ETH", ["symbol"]],
    ["/v1/stats?symbol=BTC'%20OR%201=1", ["symbol"]],
    ["/v1/liquidations?limit=0", ["limit"]],
    ["/v1/liquidations?limit=1001", ["limit"]],
    ["/v1/liquidations?limit=ten&side=up&exchange=ftx&order=random&min_usd=-1", ["limit", "side", "exchange", "order", "min_usd"]],
    ["/v1/liquidations?start=yesterday&end=2026-02-30", ["start", "end"]],
    ["/v1/liquidations?start=2026-11-19T12:00:00", ["start"]],
    ["/v1/liquidations?start=2026-11-19T12:00:00Z&end=2026-11-19T12:00:00Z", ["end"]],
    ["/v1/liquidations?start=2026-12-01", ["start"]],
    ["/v1/liquidations?start=2016-11-19", ["start"]],
    ["/v1/liquidations?cursor=nonsense", ["cursor"]],
    ["/v1/liquidations?__proto__=1&constructor=2", ["__proto__", "constructor"]],
    ["/v1/totals?symbol=BTC&interval=1w", ["interval"]],
    ["/v1/status?verbose=1", ["verbose"]],
    ["/health?x=1", ["x"]],
  ])("%s names each bad parameter", async (path, names) => {
    const reply = await get(path);
    expect(reply).toMatchObject({ status: 400, body: { code: "bad_parameters" } });
    expect(reply.body.errors.map((error: { parameter: string }) => error.parameter).toSorted()).toEqual(names.toSorted());
    expect(reply.body.errors.every((error: { detail: string }) => error.detail.length > 0)).toBe(true);
  });

  test.each([
    "/v1/stats?symbol=%",
    "/v1/stats?symbol=%ff%fe",
    "/v1/liquidations?cursor=%00",
    "/v1/liquidations?start=99999999999999999999",
  ])("%s is the caller's mistake, never a 500", async (path) => {
    expect((await get(path)).status).toBe(400);
  });
});

describe("every answer", () => {
  test("carries a request id, taken from the caller where it is sound", async () => {
    const own = await get("/health", { headers: { "X-Request-Id": "abc-123" } });
    expect(own.headers.get("X-Request-Id")).toBe("abc-123");
    expect(own.body.meta.request_id).toBe("abc-123");
    const other = await get("/health", { headers: { "X-Request-Id": "a b<script>" } });
    expect(other.body.meta.request_id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("may be read by pages of other sites and is never run as a page itself", async () => {
    for (const path of ["/v1/stats?symbol=BTC", "/v1/stats", "/v1/nothing"]) {
      const { headers } = await get(path, { headers: { Origin: "https://example.com" } });
      expect(headers.get("Access-Control-Allow-Origin")).toBe("*");
      expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(headers.get("Content-Security-Policy")).toBe("default-src 'none'; frame-ancestors 'none'");
    }
    const preflight = await get("/v1/stats", {
      method: "OPTIONS",
      headers: { Origin: "https://example.com", "Access-Control-Request-Method": "GET" },
    });
    expect(preflight.status).toBe(204);
  });

  test("is given to HEAD without a body", async () => {
    expect(await get("/health", { method: "HEAD" })).toMatchObject({ status: 200, body: null });
  });
});

describe("who may read", () => {
  const closed = apiClient(DAY, { PUBLIC_READ: "false", ADMIN_TOKEN: "correct-horse-battery-staple-tonight" });

  test("everybody while reading is public", async () => {
    expect((await get("/v1/stats?symbol=BTC")).status).toBe(200);
  });

  test("only the holder of ADMIN_TOKEN where it is not", async () => {
    for (const init of [
      undefined,
      bearer("wrong"),
      bearer(""),
      { headers: { Authorization: "Basic correct-horse-battery-staple-tonight" } },
    ]) {
      const reply = await closed("/v1/stats?symbol=BTC", init);
      expect(reply).toMatchObject({ status: 401, body: { code: "unauthorized" } });
      expect(reply.headers.get("WWW-Authenticate")).toMatch(/^Bearer( error="invalid_token")?$/);
    }
    expect((await closed("/v1/stats?symbol=BTC", bearer("correct-horse-battery-staple-tonight"))).status).toBe(200);
    expect((await closed("/health")).status).toBe(200);
  });

  test("nobody where reading is not public and there is no token", async () => {
    const sealed = apiClient(DAY, { PUBLIC_READ: "false" });
    expect(await sealed("/v1/stats?symbol=BTC", bearer("null"))).toMatchObject({ status: 401 });
  });
});

describe("the rate limit", () => {
  test("is stated on every answer without a key, with what is left of it and when it is whole again", async () => {
    const open = apiClient(DAY + 15_000, { RATE_LIMIT: { limit: () => Promise.resolve({ success: true }) } });
    const left: (string | null)[] = [];
    for (const path of ["/v1/datasets", "/v1/nothing", "/v1/stats"]) {
      const { headers } = await open(path, { headers: { "CF-Connecting-IP": "192.0.2.77" } });
      expect(headers.get("RateLimit-Policy")).toBe('"address";q=120;w=60');
      left.push(headers.get("RateLimit"));
    }
    expect(left).toEqual([119, 118, 117].map((number) => `"address";r=${number};t=45`));
    const later = apiClient(DAY + 60_000, { RATE_LIMIT: { limit: () => Promise.resolve({ success: true }) } });
    const { headers } = await later("/v1/datasets", { headers: { "CF-Connecting-IP": "192.0.2.77" } });
    expect(headers.get("RateLimit")).toBe('"address";r=119;t=60');
  });

  test("answers 429 with when to come back once the binding's count is used up, for that address only", async () => {
    const limited = apiClient(DAY, { RATE_LIMIT: env.RATE_LIMIT });
    const from = (address: string) => limited("/v1/nothing", { headers: { "CF-Connecting-IP": address } });
    let last = await from("192.0.2.1");
    for (let sent = 1; sent < 400 && last.status !== 429; sent += 1) last = await from("192.0.2.1");
    expect(last).toMatchObject({ status: 429, body: { code: "rate_limited" } });
    expect(last.headers.get("Retry-After")).toBe("60");
    expect(last.headers.get("RateLimit")).toBe('"address";r=0;t=60');
    expect(last.headers.get("RateLimit-Policy")).toBe('"address";q=120;w=60');
    const other = await from("192.0.2.2");
    expect(other.status).toBe(404);
    expect(other.headers.get("RateLimit-Policy")).toBe('"address";q=120;w=60');
    expect((await limited("/health", { headers: { "CF-Connecting-IP": "192.0.2.1" } })).status).toBe(200);
  });
});
