import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  ApiError,
  ConnectionError,
  ExportFailedError,
  HashMismatchError,
  LiquidationsClient,
  type MinuteMark,
  QuotaExceededError,
  RateLimitedError,
  UnavailableError,
} from "../../../../clients/typescript/src/index.ts";
import type { MinuteMark as StoredMark } from "../../../../src/minute-mark.ts";
import { type Answer, json, problem, serve } from "./serve.ts";

afterEach(() => vi.restoreAllMocks());

const OK = json({ data: { symbol: "BTC" }, meta: {} });
const STATS = { params: { query: { symbol: "BTC" } } } as const;
const limited = problem(429, "rate_limited", {}, { "Retry-After": "0" });
const failing: Answer = (_request, response) => response.destroy();
/** An answer of which only the beginning comes; then nothing does, or the connection is cut. */
const begun =
  (end: "silence" | "cut", text = '{"data":'): Answer =>
  (_request, response) => {
    response.writeHead(200, { "Content-Type": "application/json", "Content-Length": 1_000 });
    response.write(text, () => (end === "cut" ? response.destroy() : undefined));
  };
const html: Answer = (_request, response) => response.writeHead(200).end("<html>please log in</html>");
const page = (data: readonly number[], next_cursor: string | null) =>
  json({ data: data.map((n) => ({ n })), meta: { next_cursor, gaps: [] } });
const sha256 = (bytes: string) => createHash("sha256").update(bytes).digest("hex");
const bytes =
  (text: string): Answer =>
  (_request, response) =>
    response.end(text);
const manifest = (text: string) => json({ data: { path: "/v1/datasets/2026-11-01/files/day.parquet", sha256: sha256(text) }, meta: {} });
const state = (more: object) =>
  json({ data: { export_id: "exp_1", progress: 0.5, manifest: null, downloads: [], error: null, ...more }, meta: {} });

describe("a request", () => {
  test("that is limited, or fails for now, is sent again after the time that the server names", async () => {
    const { url, requests } = await serve(limited, problem(503, "storage_unavailable", {}, { "Retry-After": "0" }), OK);
    expect(await new LiquidationsClient({ url, key: "k" }).get("/v1/stats", STATS)).toEqual({ data: { symbol: "BTC" }, meta: {} });
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer k", "Bearer k", "Bearer k"]);
  });

  test("is not sent again where nothing will change, nor before a wait that is too long", async () => {
    const refused = await serve(problem(502, "archive_key_refused"));
    await expect(new LiquidationsClient(refused).get("/v1/stats", STATS)).rejects.toThrow("because of archive_key_refused");
    expect(refused.requests).toHaveLength(1);
    const spent = await serve(problem(429, "quota_exceeded", {}, { "Retry-After": "3600" }));
    const error = await new LiquidationsClient(spent).get("/v1/stats", STATS).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(QuotaExceededError);
    expect(error).toMatchObject({ retryAfterMs: 3_600_000, requestId: "r-1" });
    expect(spent.requests).toHaveLength(1);
  });

  test("that writes is sent again only where the server recognizes it", async () => {
    const { url, requests } = await serve(failing, failing, json({ data: {}, meta: {} }));
    const client = new LiquidationsClient({ url });
    const body = { start: 0, format: "csv" } as const;
    await expect(client.post("/v1/exports", { body })).rejects.toThrow(ConnectionError);
    await client.post("/v1/exports", { body, params: { header: { "Idempotency-Key": "once" } } });
    expect(requests).toHaveLength(3);
  });

  test("that gets no answer in time is given up", async () => {
    const { url } = await serve(() => undefined);
    const client = new LiquidationsClient({ url, timeoutMs: 50, retries: 0 });
    await expect(client.get("/v1/stats", STATS)).rejects.toThrow("No answer began within 0.05 s.");
  });

  test.each([
    ["breaks off", begun("cut"), "The answer broke off: "],
    ["goes silent", begun("silence"), "The answer broke off: nothing came for 0.2 s."],
    ["is a page of something in between", html, "The answer is not JSON: <html>please log in</html>"],
  ])("whose answer %s is sent again, or fails as one without an answer", async (_, answer, message) => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    const { url } = await serve(answer, OK);
    expect(await new LiquidationsClient({ url, timeoutMs: 200 }).get("/v1/stats", STATS)).toEqual({ data: { symbol: "BTC" }, meta: {} });
    const broken = await serve(answer);
    const once = new LiquidationsClient({ url: broken.url, timeoutMs: 200, retries: 0 });
    const error = await once
      .liquidations()
      .pages()
      .next()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConnectionError);
    expect((error as Error).message).toContain(message);
  });

  test("that writes is not sent again where its answer breaks off, unless the server recognizes it", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    const { url, requests } = await serve(begun("cut"), begun("cut"), json({ data: {}, meta: {} }));
    const client = new LiquidationsClient({ url });
    const body = { start: 0, format: "csv" } as const;
    await expect(client.post("/v1/exports", { body })).rejects.toThrow(ConnectionError);
    await client.post("/v1/exports", { body, params: { header: { "Idempotency-Key": "once" } } });
    expect(requests).toHaveLength(3);
  });

  test("may take longer for its whole answer than for each part of it", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    const { url } = await serve((_request, response) => {
      const parts = ['{"data":', '{"symbol"', ':"BTC"', "}", ',"meta":{}', "}"];
      const timer = setInterval(() => {
        response.write(parts.shift());
        if (parts.length > 0) return;
        clearInterval(timer);
        response.end();
      }, 100);
    });
    expect(await new LiquidationsClient({ url, timeoutMs: 400 }).get("/v1/stats", STATS)).toEqual({ data: { symbol: "BTC" }, meta: {} });
  });

  test("that is aborted while its answer comes fails with the reason of its signal", async () => {
    const end = new AbortController();
    const { url } = await serve((request, response) => {
      begun("silence")(request, response);
      setTimeout(() => end.abort(new Error("enough")), 20);
    });
    await expect(new LiquidationsClient({ url }).get("/v1/stats", { ...STATS, signal: end.signal })).rejects.toThrow("enough");
  });

  test("is read as what it asks for", async () => {
    const { url } = await serve(bytes("liquidations_total 1"), (_request, response) => response.writeHead(204).end());
    const client = new LiquidationsClient({ url });
    expect(await client.get("/metrics", { parseAs: "text" })).toBe("liquidations_total 1");
    expect(await client.delete("/v1/webhooks/{id}", { params: { path: { id: "a" } } })).toBeUndefined();
  });

  test("that something in between answers is an error too, without a code", async () => {
    const { url } = await serve((_request, response) => response.writeHead(403).end("<html>blocked</html>"));
    const error = await new LiquidationsClient({ url }).get("/v1/stats", STATS).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "ApiError", code: null, status: 403, message: expect.stringContaining("<html>blocked") });
  });
});

test("each code of the API has its class, under the classes of what it is a kind of", async () => {
  const source = readFileSync(join(import.meta.dirname, "../../../../workers/api/http/problem.ts"), "utf8");
  const codes = [...source.matchAll(/^ {2}(\w+): \{ status: \d+/gm)].map(([, code = ""]) => code);
  expect(codes.length).toBeGreaterThan(20);
  for (const code of codes) {
    const { url } = await serve(problem(500, code));
    const error = await new LiquidationsClient({ url, retries: 0 }).get("/v1/stats", STATS).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code, message: `because of ${code}` });
    expect((error as Error).constructor, code).not.toBe(ApiError);
  }
  expect(new QuotaExceededError({ status: 429, problem: null })).toBeInstanceOf(RateLimitedError);
  const { url } = await serve(problem(503, "not_ready"));
  await expect(new LiquidationsClient({ url, retries: 0 }).get("/ready")).rejects.toThrow(UnavailableError);
});

test.each([
  ["ftp://example.com", undefined, "allowed: an https:// or http:// address"],
  ["http://example.com", "key", "allowed with a key: an https:// address, or http:// of this machine"],
])("%s is refused", (url, key, message) => {
  expect(() => new LiquidationsClient({ url, key })).toThrow(message);
});

describe("a list", () => {
  test("is followed to its last page, and says what the API said of it", async () => {
    const { url, requests } = await serve(page([1, 2], "next"), page([], "again"), page([3], null));
    const list = new LiquidationsClient({ url }).liquidations({ symbol: "BTC", limit: 2 });
    expect(list.meta).toBeNull();
    const rows: unknown[] = [];
    for await (const row of list) rows.push(row);
    expect(rows).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(list.meta).toEqual({ next_cursor: null, gaps: [] });
    expect(requests.map(({ url: path }) => path)).toEqual([
      "/v1/liquidations?limit=2&symbol=BTC",
      "/v1/liquidations?limit=2&symbol=BTC&cursor=next",
      "/v1/liquidations?limit=2&symbol=BTC&cursor=again",
    ]);
  });

  test("is read no further than it is asked for, and fills a path", async () => {
    const { url, requests } = await serve(page([1], "next"));
    for await (const _row of new LiquidationsClient({ url }).list("/v1/webhooks/{id}/deliveries", { limit: 1 }, { id: "a/b" })) break;
    expect(requests.map(({ url: path }) => path)).toEqual(["/v1/webhooks/a%2Fb/deliveries?limit=1"]);
  });
});

describe("a day", () => {
  test("is downloaded again where its file was replaced between the two requests", async () => {
    const { url, requests } = await serve(manifest("old"), bytes("new"), manifest("new"), bytes("new"));
    const day = await new LiquidationsClient({ url }).day("2026-11-01");
    expect(day.file).toMatchObject({ name: "day.parquet", sha256: sha256("new") });
    expect(requests).toHaveLength(4);
  });

  test("is downloaded again where its file breaks off", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    const { url } = await serve(manifest("whole"), begun("cut", "who"), bytes("whole"));
    const day = await new LiquidationsClient({ url }).day("2026-11-01");
    expect(new TextDecoder().decode(day.file.bytes)).toBe("whole");
  });

  test("that is not the manifest's is refused", async () => {
    const { url } = await serve(manifest("a"), bytes("b"), manifest("a"), bytes("b"), manifest("a"), bytes("b"));
    await expect(new LiquidationsClient({ url }).day("2026-11-01")).rejects.toThrow(HashMismatchError);
  });
});

describe("an export", () => {
  const done = state({
    state: "done",
    progress: 1,
    manifest: { rows: 1, not_covered: [] },
    downloads: [{ name: "a.csv", sha256: sha256("rows"), path: "/v1/exports/exp_1/files/a.csv" }],
  });
  const request = { start: 0, format: "csv" } as const;

  test("says how far it is, and its files are those of its manifest", async () => {
    const { url, requests } = await serve(state({ state: "queued" }), state({ state: "running" }), done, bytes("rows"));
    const seen: number[] = [];
    const finished = await new LiquidationsClient({ url, key: "k" }).export(request, {
      pollMs: 1,
      onProgress: ({ progress }) => seen.push(progress),
    });
    expect(seen).toEqual([0.5, 1]);
    expect(finished.manifest).toEqual({ rows: 1, not_covered: [] });
    for await (const file of finished.files()) expect(new TextDecoder().decode(file.bytes)).toBe("rows");
    expect(requests[0]?.headers["idempotency-key"]).toMatch(/^[\da-f-]{36}$/);
  });

  test("that fails says why, and one that was changed on its way is refused", async () => {
    const failed = await serve(state({ state: "queued" }), state({ state: "failed", error: "the bucket is full" }));
    await expect(new LiquidationsClient(failed).export(request)).rejects.toThrow(
      new ExportFailedError({ export_id: "exp_1", state: "failed", error: "the bucket is full" } as never),
    );
    const changed = await serve(state({ state: "queued" }), done, bytes("other"));
    const files = (await new LiquidationsClient(changed).export(request)).files();
    await expect(files.next()).rejects.toThrow(HashMismatchError);
  });
});

test("a row of minute marks has the fields that the files have", () => {
  const stored = {} as StoredMark;
  const ours: MinuteMark = stored;
  const back: StoredMark = ours;
  expect(back).toBe(stored);
});
