import { env } from "cloudflare:workers";
import { parquetReadObjects } from "hyparquet";
import { afterEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { exportPrefix, exportWorkPrefix } from "../../../src/exports/export-keys.ts";
import { fileCoverage } from "../../../src/file-coverage.ts";
import type { Gap } from "../../../src/gap.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { readLiquidations } from "../../../src/parquet/decode.ts";
import { fileMetadata, parseFooter } from "../../../src/parquet/parquet-footer.ts";
import { DAY_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { dailyFiles } from "../../../workers/cron/daily-files.ts";
import { hourTotals } from "../../../workers/cron/hour-totals.ts";
import { watchExports } from "../../../workers/cron/exports.ts";
import { claimExport, insertExport, noteProgress, readExport } from "../../../workers/exports/export-rows.ts";
import { abandonExport, runPart } from "../../../workers/exports/run-part.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { r2Sink } from "../../../workers/sinks/r2.ts";
import { startExport } from "../../../workers/exports/start-export.ts";
import { loadParquet } from "../../../workers/r2/parquet-module.ts";
import { rawApiClient } from "../api/api-client.ts";
import { crashingAfter } from "../daily/crashing-bucket.ts";
import { ADMIN_TOKEN, NOW, ended, event, exportClient, store, UNFILTERED } from "./exports-stage.ts";
import { DAY } from "../sample-liquidation.ts";
import { sampleFeedStatus } from "../sample-feed-status.ts";
import { until } from "../until.ts";
import { openInbox } from "../webhooks/webhook-inbox.ts";
import { SCHEMA_VERSION } from "../../../src/liquidation-fields.ts";
import { emptyStorage } from "../empty-storage.ts";

const config = parseConfig({});
const call = exportClient();
const RANGE = { start: "2026-11-20", end: "2026-11-21" };
const silent = { now: () => NOW, feedStatuses: () => Promise.resolve([]) };

afterEach(emptyStorage);

const keys = async (prefix: string) => (await env.BUCKET.list({ prefix })).objects.map(({ key }) => key);

async function makeExport(body: object, client = call) {
  const reply = await client("POST", "/v1/exports", { ...RANGE, ...body });
  expect(reply, JSON.stringify(reply.body)).toMatchObject({
    status: 202,
    body: { data: { state: expect.stringMatching(/queued|running/) } },
  });
  expect(reply.headers.get("Location")).toBe(`/v1/exports/${reply.body.data.export_id}`);
  return ended(client, reply.body.data.export_id);
}

const raw = rawApiClient(NOW, { ADMIN_TOKEN });

function download(
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = "GET",
  cf: Record<string, unknown> = {},
): Promise<Response> {
  return raw(path, { method, cf, headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, ...headers } });
}

async function textOf(path: string): Promise<string> {
  return (await download(path)).text();
}

/** The rows of an export's only file, as JSON has them. */
async function rowsOf(data: { readonly downloads: readonly { readonly path: string }[] }): Promise<readonly Liquidation[]> {
  return JSON.parse(await textOf(data.downloads[0]?.path ?? "")) as readonly Liquidation[];
}

/** A new key, as the header that carries it. */
async function keyWith(body: object): Promise<{ readonly Authorization: string }> {
  return { Authorization: `Bearer ${(await call("POST", "/v1/keys", { name: "k", ...body })).body.data.key}` };
}

const ids = (rows: readonly Liquidation[]) => rows.map((row) => row.event_id);

async function parquetIds(body: object): Promise<readonly string[]> {
  loadParquet();
  const data = await makeExport({ format: "parquet", ...body });
  return ids(readLiquidations(await (await download(data.downloads[0].path)).bytes()));
}

describe("the rows of an export", () => {
  test("are those of the range, in order of time, each once, of the symbols and venues asked for", async () => {
    await store([event(3), event(1), event(2, { symbol: "ETH" }), event(1440)]);
    await store([event(1), event(0)]);
    await store([event(4, { exchange: "okx", coverage: "sampled" })], "okx");
    const all = await makeExport({ format: "json" });
    expect(ids(await rowsOf(all))).toEqual(["id000000", "id000001", "id000002", "id000003", "id000004"]);
    const some = await makeExport({ format: "json", symbols: ["btc"], exchanges: ["okx", "bybit"] });
    expect(await rowsOf(some)).toEqual([event(4, { exchange: "okx", coverage: "sampled" })]);
    const tight = await makeExport({ format: "json", start: DAY + MINUTE_MS, end: DAY + 3 * MINUTE_MS });
    expect(ids(await rowsOf(tight))).toEqual(["id000001", "id000002"]);
  });

  test("are the same from batches and from the daily file, and from a file with batches that came after it", async () => {
    await store([event(5), event(1)]);
    const fromBatches = await makeExport({ format: "json" });
    await dailyFiles(env, config, DAY + DAY_MS + 5 * MINUTE_MS);
    const fromFile = await makeExport({ format: "json" });
    expect(await rowsOf(fromFile)).toEqual(await rowsOf(fromBatches));
    await store([event(3), event(5)]);
    const mixed = await makeExport({ format: "json" });
    expect(ids(await rowsOf(mixed))).toEqual(["id000001", "id000003", "id000005"]);
    const sources = [fromBatches, fromFile, mixed].map((data) => data.manifest.sources[0].source);
    expect(sources).toEqual(["batches", "daily_file", "batches"]);
  });

  test("have the impacts that D1 knows by then", async () => {
    await store([event(1)]);
    const known = { event_id: "id000001", event_time: DAY + MINUTE_MS, impact_1s_bps: 1.5, impact_5s_bps: null, impact_60s_bps: -2 };
    await d1Sink.writeImpacts?.(env, config, [known]);
    const [row] = await rowsOf(await makeExport({ format: "json" }));
    expect(row).toMatchObject({ impact_1s_bps: 1.5, impact_5s_bps: null, impact_60s_bps: -2 });
  });

  test("omit inferred ones unless they are asked for, also where the day's file is used unchanged", async () => {
    await store([event(1), event(2, { coverage: "inferred" })]);
    await dailyFiles(env, config, DAY + DAY_MS + 5 * MINUTE_MS);
    expect(await parquetIds({})).toEqual(["id000001"]);
    expect(await parquetIds({ include: "inferred" })).toEqual(["id000001", "id000002"]);
  });
});

describe("the files of an export", () => {
  test("in Parquet hold their gaps, cut to their range, their filters and what is not covered", async () => {
    const gap: Gap = { exchange: "okx", from_time: DAY - 5, to_time: DAY + 70, reason: "silent" };
    await d1Sink.writeNotes?.(env, { exchange: "okx", gaps: [gap], minuteMarks: [] });
    await store([event(1), event(2)]);
    const data = await makeExport({ format: "parquet", symbols: ["BTC"], exchanges: ["okx", "binance"] });
    const metadata = fileMetadata(parseFooter(await (await download(data.downloads[0].path)).bytes()));
    expect(metadata).toMatchObject({
      rows: data.manifest.rows,
      start: DAY,
      end: DAY + DAY_MS,
      symbols: ["BTC"],
      side: null,
      min_usd: null,
      coverage: { binance: "largest_per_second", okx: "sampled" },
      gaps: expect.arrayContaining([{ exchange: "okx", from_time: DAY, to_time: DAY + 70, reason: "silent" }]),
      gaps_truncated: false,
      not_covered: data.manifest.not_covered,
    });
    expect(fileCoverage.safeParse(metadata).success).toBe(true);
  });

  const odd = event(1, {
    event_id: '=1+1,"x"\r\nnext',
    instrument: "@SUM(A1)",
    order_type: "",
    slippage_to_mark_bps: -4.25,
    time_in_force: "-cmd",
    funding_rate: 1e-7,
  });

  test("as CSV have a header, CRLF, quotes where needed, and no formula", async () => {
    await store([odd]);
    const { downloads } = await makeExport({ format: "csv" });
    expect(downloads[0]).toMatchObject({ name: "liquidations_20261120T000000Z_20261121T000000Z.csv", rows: 1 });
    const text = await textOf(downloads[0].path);
    expect(text.split("\r\n")[0]).toMatch(/^event_id,exchange,instrument,symbol,.*,adapter_version$/);
    expect(text).toContain(`"'=1+1,""x""\r\nnext",binance,'@SUM(A1),BTC,USDT,${DAY + MINUTE_MS},`);
    expect(text).toContain(`,"",'-cmd,`);
    expect(text).toContain(",-4.25,");
    expect(text).toContain(",1e-7,");
    expect(text.endsWith("\r\n")).toBe(true);
  });

  test("as NDJSON and JSON hold the very records of the API", async () => {
    await store([odd, event(2)]);
    const lines = await textOf((await makeExport({ format: "ndjson" })).downloads[0].path);
    expect(
      lines
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([odd, event(2)]);
    expect(lines.endsWith("\n")).toBe(true);
    expect(await rowsOf(await makeExport({ format: "json" }))).toEqual([odd, event(2)]);
  });

  test.each([
    ["csv", "none", (text: string) => text.split("\r\n").length === 2 && text.startsWith("event_id,")],
    ["json", "none", (text: string) => Array.isArray(JSON.parse(text)) && (JSON.parse(text) as unknown[]).length === 0],
    ["ndjson", "none", (text: string) => text === ""],
    ["ndjson", "gzip", (text: string) => text === ""],
    ["csv", "gzip", (text: string) => text.startsWith("event_id,")],
  ])("of no rows as %s (%s) are valid and empty", async (format, compression, holds) => {
    const { downloads, manifest } = await makeExport({ format, compression });
    expect(manifest).toMatchObject({ rows: 0, first_event_time: null, dates_without_rows: ["2026-11-20"] });
    const response = await download(downloads[0].path);
    const stream = compression === "gzip" ? response.body?.pipeThrough(new DecompressionStream("gzip")) : response.body;
    expect(holds(await new Response(stream).text())).toBe(true);
  });

  test("of no rows as Parquet have the schema", async () => {
    const { downloads } = await makeExport({ format: "parquet" });
    const bytes = new Uint8Array(await (await download(downloads[0].path)).arrayBuffer());
    loadParquet();
    expect(readLiquidations(bytes)).toEqual([]);
  });

  test("say in the manifest what they hold and lack", async () => {
    const gap: Gap = { exchange: "okx", from_time: DAY - 5, to_time: DAY + 70, reason: "silent" };
    const other: Gap = { exchange: "bybit", from_time: DAY, to_time: DAY + 70, reason: "silent" };
    await d1Sink.writeNotes?.(env, { exchange: "okx", gaps: [gap, other], minuteMarks: [] });
    await store([event(1), event(2)]);
    const data = await makeExport({ format: "csv", exchanges: ["binance", "okx"] });
    const bytes = new Uint8Array(await (await download(data.downloads[0].path)).arrayBuffer());
    expect(data).toMatchObject({ progress: 1, error: null, rows: 2, files: 1, bytes: bytes.length, expires_time: expect.any(Number) });
    expect(data.manifest).toMatchObject({
      export_id: data.export_id,
      request: {
        start: DAY,
        end: DAY + DAY_MS,
        format: "csv",
        compression: "none",
        ...UNFILTERED,
        exchanges: ["binance", "okx"],
      },
      schema_version: SCHEMA_VERSION,
      rows: 2,
      first_event_time: DAY + MINUTE_MS,
      last_event_time: DAY + 2 * MINUTE_MS,
      exchanges: { binance: { rows: 2, coverage: ["largest_per_second"] } },
      coverage: { binance: "largest_per_second", okx: "sampled" },
      gaps: expect.arrayContaining([gap]),
      gaps_truncated: false,
      not_covered: [],
      dates_without_rows: [],
      files: [{ rows: 2, bytes: bytes.length, sha256: Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex") }],
    });
  });

  test("are there with their manifest alone: nothing is left over", async () => {
    await store([event(1)]);
    const { export_id: id } = await makeExport({ format: "csv" });
    expect(await keys(exportPrefix(id))).toHaveLength(2);
    await until("the pieces are gone", async () => (await keys(exportWorkPrefix(id))).length === 0);
  });
});

describe("a download", () => {
  const get = (headers: Readonly<Record<string, string>> = {}, method = "GET", cf?: Record<string, unknown>) =>
    download(path, headers, method, cf);
  let path = "";
  let whole = "";

  async function stage(format = "csv"): Promise<void> {
    await store([event(1), event(2)]);
    const { downloads } = await makeExport({ format });
    ({ path } = downloads[0]);
    whole = await textOf(path);
  }

  test("names its file, its hash and its length, and may be asked for its head alone", async () => {
    await stage();
    const response = await get();
    const bytes = new TextEncoder().encode(whole);
    const digest = Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("base64");
    const wanted = {
      "content-type": "text/csv; charset=utf-8; header=present",
      "content-disposition": 'attachment; filename="liquidations_20261120T000000Z_20261121T000000Z.csv"',
      "accept-ranges": "bytes",
      "content-length": String(bytes.length),
      "repr-digest": `sha-256=:${digest}:`,
    };
    expect(Object.fromEntries(response.headers)).toMatchObject(wanted);
    expect(response.headers.get("ETag")).toMatch(/^"[0-9a-f]+"$/);
    const head = await get({}, "HEAD");
    expect(head.status).toBe(200);
    expect(Object.fromEntries(head.headers)).toMatchObject(wanted);
    expect(await head.text()).toBe("");
  });

  test("answers ranges, and says where there is none", async () => {
    await stage();
    const size = whole.length;
    const cases: readonly (readonly [string, number, number])[] = [
      ["bytes=0-9", 0, 10],
      ["bytes=10-", 10, size],
      ["bytes=-5", size - 5, size],
      [`bytes=3-${size + 100}`, 3, size],
    ];
    for (const [range, from, to] of cases) {
      const response = await get({ Range: range });
      expect(response.status, range).toBe(206);
      expect(response.headers.get("Content-Range")).toBe(`bytes ${from}-${to - 1}/${size}`);
      expect(await response.text()).toBe(whole.slice(from, to));
    }
    for (const range of ["bytes=0-1,3-4", "lines=1-2", "bytes=9-2", "bytes=x"]) {
      const response = await get({ Range: range });
      expect([response.status, await response.text()]).toEqual([200, whole]);
    }
    const outside = await get({ Range: `bytes=${size}-` });
    expect([outside.status, outside.headers.get("Content-Range")]).toEqual([416, `bytes */${size}`]);
    expect(await outside.json()).toMatchObject({ code: "range_not_satisfiable", status: 416 });
  });

  test("is not sent again to who has it, and not continued with another file", async () => {
    await stage();
    const etag = (await get()).headers.get("ETag") ?? "";
    for (const known of [etag, `"other", ${etag}`, `W/${etag}`, "*"]) {
      const response = await get({ "If-None-Match": known });
      expect([response.status, await response.text()]).toEqual([304, ""]);
    }
    expect((await get({ "If-None-Match": '"other"' })).status).toBe(200);
    expect((await get({ Range: "bytes=0-1", "If-Range": etag })).status).toBe(206);
    expect((await get({ Range: "bytes=0-1", "If-Range": '"other"' })).status).toBe(200);
  });

  test("is compressed on its way where that is wanted, but not in ranges and not twice", async () => {
    await stage();
    const response = await get({ "Accept-Encoding": "br, gzip" });
    expect([response.headers.get("Content-Encoding"), response.headers.get("ETag")?.startsWith("W/")]).toEqual(["gzip", true]);
    expect(await new Response(response.body?.pipeThrough(new DecompressionStream("gzip"))).text()).toBe(whole);
    const ranged = await get({ "Accept-Encoding": "gzip", Range: "bytes=0-4" });
    expect([ranged.headers.get("Content-Encoding"), await ranged.text()]).toEqual([null, whole.slice(0, 5)]);
    expect((await get({ "Accept-Encoding": "gzip;q=0" })).headers.get("Content-Encoding")).toBeNull();
  });

  test("is sent uncompressed to a client that did not ask for gzip, whatever the platform's own header says", async () => {
    await stage();
    const plain = await get({ "Accept-Encoding": "br, gzip" }, "GET", { clientAcceptEncoding: "" });
    expect([plain.headers.get("Content-Encoding"), await plain.text()]).toEqual([null, whole]);
    const asked = await get({ "Accept-Encoding": "br, gzip" }, "GET", { clientAcceptEncoding: "gzip, deflate" });
    expect(asked.headers.get("Content-Encoding")).toBe("gzip");
    await asked.body?.cancel();
  });

  test("of what is no file of the export is refused by name", async () => {
    await stage();
    const folder = path.slice(0, path.lastIndexOf("/"));
    for (const name of ["..%2f..%2fdaily%2fx", "..", "a..b", "%00", "x".repeat(200)]) {
      const reply = await call("GET", `${folder}/${name}`);
      expect([400, 404], name).toContain(reply.status);
      expect(reply.body.code).toMatch(/bad_parameters|not_found/);
    }
    expect((await call("GET", `${folder}/..%2fmanifest.json`)).body.errors[0].parameter).toBe("name");
    expect(await call("GET", `${folder}/manifest.json`)).toMatchObject({ status: 404, body: { code: "not_found" } });
  });
});

describe("what cannot be exported", () => {
  test.each([
    [{}, ["start", "format"]],
    [{ ...RANGE, format: "xlsx" }, ["format"]],
    [{ ...RANGE, format: "csv", symbols: "BTC" }, ["symbols"]],
    [{ ...RANGE, format: "csv", symbols: [] }, ["symbols"]],
    [{ ...RANGE, format: "csv", exchanges: ["ftx"] }, ["exchanges"]],
    [{ start: "2026-11-21", end: "2026-11-20", format: "csv" }, ["end"]],
    [{ start: "2026-12-01", format: "csv" }, ["start"]],
    [{ start: "2026-11-20", end: "2026-12-01", format: "csv" }, ["end"]],
    [{ start: "2016-11-20", format: "csv" }, ["start"]],
    [{ start: "yesterday", end: true, format: "csv" }, ["start", "end"]],
    [{ ...RANGE, format: "parquet", compression: "gzip" }, ["compression"]],
    [{ ...RANGE, format: "csv", colour: "red" }, ["colour"]],
    [[], ["body"]],
  ])("%j is refused by the name of what is wrong, and nothing is written", async (body, names) => {
    for (const path of ["/v1/exports", "/v1/exports/estimate"]) {
      const reply = await call("POST", path, body);
      expect(reply, JSON.stringify(reply.body)).toMatchObject({ status: 400, body: { code: "bad_parameters" } });
      expect(reply.body.errors.map((error: { parameter: string }) => error.parameter).toSorted()).toEqual(names.toSorted());
    }
    expect((await call("GET", "/v1/exports")).body.data).toEqual([]);
    expect(await keys("exports")).toEqual([]);
  });

  test("a base asset that was collected once is none of it", async () => {
    const ask = { ...RANGE, format: "csv", symbols: ["DOGE"] };
    expect((await call("POST", "/v1/exports/estimate", ask)).status).toBe(404);
    await store([event(1, { symbol: "DOGE" })]);
    await hourTotals(env.DB, NOW);
    expect(await call("POST", "/v1/exports/estimate", ask)).toMatchObject({ status: 200, body: { data: { rows: 1 } } });
  });

  test("a cursor of another query is refused", async () => {
    for (const n of [1, 2]) await insertExport(env.DB, queued(`exp_${n}`, "admin"));
    const { meta } = (await call("GET", "/v1/exports?limit=1")).body;
    expect((await call("GET", `/v1/exports?limit=1&cursor=${meta.next_cursor}`)).body).toMatchObject({
      data: [{}],
      meta: { next_cursor: null },
    });
    expect((await call("GET", `/v1/datasets?cursor=${meta.next_cursor}`)).body.errors[0].parameter).toBe("cursor");
  });
});

const queued = (export_id: string, owner: string, estimated_rows = 0) => ({
  export_id,
  owner,
  request: { start: DAY, end: DAY + DAY_MS, format: "csv", compression: "none", ...UNFILTERED } as const,
  estimated_rows,
  created_time: NOW,
  idempotency: null,
});

describe("who may export", () => {
  test("needs the scope export, and sees its own exports only", async () => {
    const mine = await keyWith({ scopes: ["export"] });
    const other = await keyWith({ scopes: ["export"] });
    const reader = await keyWith({ scopes: ["read"] });
    const body = { ...RANGE, format: "csv" };
    expect(await call("POST", "/v1/exports", body, { Authorization: "" })).toMatchObject({ status: 401 });
    expect(await call("POST", "/v1/exports", body, reader)).toMatchObject({ status: 403, body: { code: "forbidden" } });
    const { export_id: id } = (await call("POST", "/v1/exports", body, mine)).body.data;
    const { downloads } = await ended(call, id);
    expect((await call("GET", `/v1/exports/${id}`, undefined, mine)).status).toBe(200);
    for (const path of [`/v1/exports/${id}`, downloads[0].path]) {
      expect(await call("GET", path, undefined, other)).toMatchObject({ status: 404 });
    }
    expect(await call("DELETE", `/v1/exports/${id}`, undefined, other)).toMatchObject({ status: 404 });
    expect((await call("GET", "/v1/exports", undefined, other)).body.data).toEqual([]);
    expect((await call("GET", "/v1/exports")).body.data).toMatchObject([{ export_id: id }]);
  });

  test("counts rows and downloads to the key, and holds it to its quota", async () => {
    // The workflow counts by the clock, so the API does too.
    const now = Date.now();
    const today = exportClient(now);
    await store([event(1), event(2), event(3)]);
    const key = await keyWith({ scopes: ["export"], export_rows_per_day: 5 });
    const body = { ...RANGE, format: "csv" };
    const made = await today("POST", "/v1/exports", body, key);
    expect(made.body.data.estimated_rows).toBe(3);
    const { downloads } = await ended(today, made.body.data.export_id);
    const { bytes, path } = downloads[0];
    await (await rawApiClient(now, { ADMIN_TOKEN })(path, { headers: key })).text();
    await (await rawApiClient(now, { ADMIN_TOKEN })(path, { headers: key, method: "HEAD" })).text();
    expect((await today("GET", "/v1/usage", undefined, key)).body.data.today).toMatchObject({ export_rows: 3, download_bytes: bytes });
    const second = await today("POST", "/v1/exports", body, key);
    expect(second).toMatchObject({ status: 429, body: { code: "quota_exceeded", detail: expect.stringContaining("only 2 left") } });
    expect(Number(second.headers.get("Retry-After"))).toBe(Math.ceil((DAY_MS - (now % DAY_MS)) / 1000));
  });

  test("an export whose rows turn out to be beyond the quota fails and says so", async () => {
    await store([event(1), event(2), event(3)]);
    await keyWith({ scopes: ["export"], export_rows_per_day: 2 });
    const owner = (await call("GET", "/v1/keys")).body.data[0].key_id;
    await insertExport(env.DB, queued("exp_over", owner));
    const number = (await claimExport(env.DB, "exp_over", NOW)) ?? 0;
    expect(await runPart(env, config, silent, "exp_over", number)).toBe("failed");
    expect(await readExport(env.DB, "exp_over")).toMatchObject({ state: "failed", error: expect.stringContaining("used up") });
    expect(await keys("exports")).toEqual([]);
  });

  test("cannot get more rows than the quota from exports that run at once, however low their estimates are", async () => {
    await store([event(1), event(2), event(3)]);
    await keyWith({ scopes: ["export"], export_rows_per_day: 7 });
    const owner = (await call("GET", "/v1/keys")).body.data[0].key_id;
    const all = [1, 2, 3, 4, 5].map((n) => `exp_${n}`);
    for (const id of all) await insertExport(env.DB, queued(id, owner));
    const outcomes = await Promise.all(all.map(async (id) => runPart(env, config, silent, id, (await claimExport(env.DB, id, NOW)) ?? 0)));
    expect(outcomes.toSorted()).toEqual(["done", "done", "failed", "failed", "failed"]);
    const { data } = (await call("GET", `/v1/usage?key_id=${owner}`)).body;
    expect(data).toMatchObject({ today: { export_rows: 6 }, export_rows_reserved: 0 });
  });

  test("has rows reserved while an export runs: its estimate, then its rows where they are more, and none once it has ended", async () => {
    await keyWith({ scopes: ["export"], export_rows_per_day: 10 });
    const owner = (await call("GET", "/v1/keys")).body.data[0].key_id;
    const reserved = async () => (await call("GET", `/v1/usage?key_id=${owner}`)).body.data.export_rows_reserved as number;
    const room = { maxOpen: 5, date: "2026-11-20" };
    expect(await insertExport(env.DB, { ...queued("exp_a", owner, 4), room })).toBe(true);
    expect(await reserved()).toBe(4);
    const job = { export_id: "exp_a", starts: (await claimExport(env.DB, "exp_a", NOW)) ?? 0 };
    const note = (rows: number, changes: object = {}) =>
      noteProgress(env.DB, { ...job, ...changes }, { rows, done_until: DAY, now: NOW, date: room.date });
    expect([await note(8), await reserved()]).toEqual(["noted", 8]);
    expect(await insertExport(env.DB, { ...queued("exp_b", owner, 3), room }), "beside 8 of 10").toBe(false);
    expect(await insertExport(env.DB, { ...queued("exp_b", owner, 2), room })).toBe(true);
    expect([await note(9), await note(8), await note(8, { starts: 0 })]).toEqual(["over_quota", "noted", "superseded"]);
    for (const id of ["exp_a", "exp_b"]) await call("DELETE", `/v1/exports/${id}`);
    expect(await reserved()).toBe(0);
  });

  test("runs at most five at once", async () => {
    for (const n of [1, 2, 3, 4, 5]) await insertExport(env.DB, queued(`exp_${n}`, "admin"));
    expect(await call("POST", "/v1/exports", { ...RANGE, format: "csv" })).toMatchObject({ status: 409, body: { code: "conflict" } });
  });

  test("asked for many times at once runs no more exports than are allowed, and no more rows than are left", async () => {
    await store([event(1), event(2), event(3)]);
    const key = await keyWith({ scopes: ["export"], export_rows_per_day: 7 });
    const body = { ...RANGE, format: "csv" };
    // The workflow counts by the clock, so the API does too.
    const today = exportClient(Date.now());
    const replies = await Promise.all(Array.from({ length: 8 }, () => today("POST", "/v1/exports", body, key)));
    const queuedOnes = replies.filter(({ status }) => status === 202);
    expect(queuedOnes).toHaveLength(2);
    for (const { body: made } of queuedOnes) await ended(today, made.data.export_id);
    expect(replies.every(({ status }) => [202, 409, 429].includes(status))).toBe(true);
  });

  test("repeated under its Idempotency-Key makes one export; another body is refused", async () => {
    const key = { "Idempotency-Key": "once" };
    const body = { ...RANGE, format: "csv" };
    const replies = await Promise.all([call("POST", "/v1/exports", body, key), call("POST", "/v1/exports", body, key)]);
    expect(new Set(replies.map((reply) => reply.body.data.export_id)).size).toBe(1);
    expect((await call("GET", "/v1/exports")).body.meta.count).toBe(1);
    const other = await call("POST", "/v1/exports", { ...body, format: "json" }, key);
    expect(other).toMatchObject({ status: 422, body: { code: "idempotency_mismatch" } });
  });
});

describe("a running export", () => {
  /** Enough for several slices. */
  const rows = Array.from({ length: 6_000 }, (_, n) => event(n / 5, { event_id: `id${String(n).padStart(6, "0")}` }));
  /** Stops after each slice. */
  const tight = { objects: 500, rows: 1 };

  async function storeRows(): Promise<void> {
    for (let from = 0; from < rows.length; from += 1_000) await store(rows.slice(from, from + 1_000), "binance", [r2Sink]);
  }

  async function workOn(id: string, number: number): Promise<string> {
    for (let part = 0; part < 500; part += 1) {
      const outcome = await runPart(env, config, silent, id, number, tight);
      if (outcome !== "more") return outcome;
    }
    throw new Error("never done");
  }

  test("goes on in parts, shows how far it is, and comes to the same rows as in one go", async () => {
    await storeRows();
    const texts: string[] = [];
    for (const id of ["exp_parts", "exp_whole"]) {
      await insertExport(env.DB, queued(id, "admin"));
      const number = (await claimExport(env.DB, id, NOW)) ?? 0;
      if (id === "exp_parts") {
        expect(await runPart(env, config, silent, id, number, tight)).toBe("more");
        const { body } = await call("GET", `/v1/exports/${id}`);
        expect(body.data).toMatchObject({ state: "running", manifest: null, downloads: [] });
        expect(body.data.progress).toBeGreaterThan(0);
        expect(await workOn(id, number)).toBe("done");
      } else expect(await runPart(env, config, silent, id, number)).toBe("done");
      texts.push(await textOf((await call("GET", `/v1/exports/${id}`)).body.data.downloads[0].path));
    }
    expect(texts[0]).toBe(texts[1]);
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    "crashed after %i writes is gone on with to the same file, and shows no half one",
    async (count) => {
      await storeRows();
      await insertExport(env.DB, queued("exp_crash", "admin"));
      const number = (await claimExport(env.DB, "exp_crash", NOW)) ?? 0;
      const crashing = crashingAfter(count);
      await expect(async () => {
        for (;;) if ((await runPart(crashing, config, silent, "exp_crash", number, tight)) === "done") return;
      }).rejects.toThrow("crashed");
      const { data } = (await call("GET", "/v1/exports/exp_crash")).body;
      expect(data.downloads).toHaveLength(data.state === "done" ? 1 : 0);
      expect(await workOn("exp_crash", number)).toBe("done");
      expect(await keys(exportWorkPrefix("exp_crash"))).toEqual([]);
      const text = await textOf((await call("GET", "/v1/exports/exp_crash")).body.data.downloads[0].path);
      expect(
        text
          .trim()
          .split("\r\n")
          .slice(1)
          .map((line) => line.split(",")[0]),
      ).toEqual(ids(rows));
    },
  );

  test("that nobody works on is started again by the cron run, and given up at last; the run that worked on it stops", async () => {
    await store([event(1)]);
    await insertExport(env.DB, queued("exp_lost", "admin"));
    const first = (await claimExport(env.DB, "exp_lost", NOW)) ?? 0;
    expect(await watchExports(env, config, NOW + 14 * MINUTE_MS)).toMatchObject({ started: [] });
    expect(await watchExports(env, config, NOW + 16 * MINUTE_MS)).toMatchObject({ started: ["exp_lost"] });
    expect(await runPart(env, config, silent, "exp_lost", first)).toBe("superseded");
    expect(await ended(call, "exp_lost")).toMatchObject({ state: "done", rows: 1 });

    await insertExport(env.DB, queued("exp_hopeless", "admin"));
    for (let start = 0; start < 5; start += 1) await claimExport(env.DB, "exp_hopeless", NOW);
    expect(await watchExports(env, config, NOW + 16 * MINUTE_MS)).toMatchObject({ given_up: ["exp_hopeless"] });
    expect(await readExport(env.DB, "exp_hopeless")).toMatchObject({ state: "failed", error: expect.stringContaining("5 times") });
  });

  test("is stopped by deleting it", async () => {
    await insertExport(env.DB, queued("exp_off", "admin"));
    const number = (await claimExport(env.DB, "exp_off", NOW)) ?? 0;
    expect((await call("DELETE", "/v1/exports/exp_off")).status).toBe(204);
    expect(await runPart(env, config, silent, "exp_off", number)).toBe("superseded");
  });

  test("that is deleted while a part is at work leaves nothing behind", async () => {
    await storeRows();
    for (const [id, budget] of [
      ["exp_mid", tight],
      ["exp_last", { objects: 500, rows: 100_000 }],
    ] as const) {
      await insertExport(env.DB, queued(id, "admin"));
      const number = (await claimExport(env.DB, id, NOW)) ?? 0;
      // Asked for once the part has begun.
      const feedStatuses = async () => {
        expect((await call("DELETE", `/v1/exports/${id}`)).status).toBe(204);
        return [];
      };
      for (let outcome = "more"; outcome === "more";) {
        outcome = await runPart(env, config, { now: () => NOW, feedStatuses }, id, number, budget);
      }
      expect(await keys("exports")).toEqual([]);
    }
  });

  test("is not ended by who was superseded", async () => {
    await insertExport(env.DB, queued("exp_two", "admin"));
    const first = (await claimExport(env.DB, "exp_two", NOW)) ?? 0;
    await claimExport(env.DB, "exp_two", NOW);
    await abandonExport(env, config, { export_id: "exp_two", starts: first }, "late", NOW);
    expect(await readExport(env.DB, "exp_two")).toMatchObject({ state: "queued", error: null });
  });

  test("says what feeds have not stored yet", async () => {
    await store([event(1)]);
    await insertExport(env.DB, queued("exp_early", "admin"));
    const number = (await claimExport(env.DB, "exp_early", NOW)) ?? 0;
    const behind = sampleFeedStatus({ exchange: "okx" });
    const sinks = { ...behind.sinks, r2: { ...behind.sinks.r2, oldest_unstored_event_time: DAY + 3 * MINUTE_MS } };
    const reports = [
      { exchange: "okx", status: { ...behind, sinks }, error: null },
      { exchange: "bybit", status: sampleFeedStatus({ exchange: "bybit" }), error: null },
    ] as const;
    await runPart(env, config, { now: () => NOW, feedStatuses: () => Promise.resolve(reports) }, "exp_early", number);
    const { manifest } = (await call("GET", "/v1/exports/exp_early")).body.data;
    expect(manifest.not_covered).toMatchObject([{ start: DAY + 3 * MINUTE_MS, end: DAY + DAY_MS, code: "not_stored_yet" }]);
  });
});

describe("a finished export", () => {
  test("is announced to webhooks once, and expires", async () => {
    const inbox = await openInbox();
    await call("POST", "/v1/webhooks", { url: inbox.url, events: ["export.ready"] });
    await store([event(1)]);
    const data = await makeExport({ format: "csv" });
    await until("the webhook is there", async () => (await inbox.received()).length > 0);
    const [delivery] = await inbox.received();
    expect(JSON.parse(delivery?.body ?? "")).toMatchObject({
      type: "export.ready",
      data: { export_id: data.export_id, rows: 1, files: 1, bytes: data.bytes, format: "csv" },
    });
    const path = data.downloads[0].path as string;
    expect(await watchExports(env, config, data.expires_time - 1)).toMatchObject({ expired: [] });
    expect(await watchExports(env, config, data.expires_time)).toMatchObject({ expired: [data.export_id] });
    expect(await call("GET", path)).toMatchObject({ status: 410, body: { code: "export_expired" } });
    expect((await call("GET", `/v1/exports/${data.export_id}`)).body.data).toMatchObject({ state: "expired", manifest: null });
    expect(await keys(exportPrefix(data.export_id))).toEqual([]);
    await watchExports(env, config, data.expires_time + 401 * DAY_MS);
    expect(await call("GET", `/v1/exports/${data.export_id}`)).toMatchObject({ status: 404 });
  });
});

describe("columns and filters", () => {
  const rows = Array.from({ length: 12 }, (_, n) =>
    event(n + 1, {
      position_side: n % 2 === 0 ? "long" : "short",
      usd_value: n === 5 ? null : n * 100,
      symbol: n % 3 === 0 ? "ETH" : "BTC",
      coverage: n === 7 ? "inferred" : "largest_per_second",
    }),
  );

  test.each([
    [{ side: "short" }, (row: Liquidation) => row.position_side === "short"],
    [{ min_usd: 400 }, (row: Liquidation) => (row.usd_value ?? -1) >= 400],
    [{ min_usd: 0 }, (row: Liquidation) => row.usd_value !== null],
    [
      { side: "long", min_usd: 300, symbols: ["ETH"] },
      (row: Liquidation) => row.position_side === "long" && (row.usd_value ?? -1) >= 300 && row.symbol === "ETH",
    ],
    [
      { side: "short", min_usd: 100, include: "inferred" },
      (row: Liquidation) => row.position_side === "short" && (row.usd_value ?? -1) >= 100,
    ],
  ] as const)("%o is in the file what it is in the estimate, to the row", async (filter, wanted) => {
    await store(rows);
    const expected = rows.filter((row) => wanted(row) && ("include" in filter || row.coverage !== "inferred"));
    expect(expected.length).toBeGreaterThan(0);
    const body = { ...RANGE, format: "ndjson", ...filter };
    const { data: estimated } = (await call("POST", "/v1/exports/estimate", body)).body;
    expect(estimated).toMatchObject({ rows: expected.length, exact: true });
    const data = await makeExport({ format: "ndjson", ...filter });
    expect(data.rows).toBe(estimated.rows);
    const text = await (await download(data.downloads[0].path)).text();
    expect(
      text
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as Liquidation).event_id),
    ).toEqual(expected.map((row) => row.event_id));
  });

  test("columns come in the order of the data dictionary, in every format, also where no row is left", async () => {
    await store(rows.slice(0, 2));
    const columns = ["usd_value", "event_id", "symbol"];
    const read = async (format: string, filter: object = {}) =>
      (await download((await makeExport({ format, columns, ...filter })).downloads[0].path)).arrayBuffer();
    const text = async (format: string, filter: object = {}) => new TextDecoder().decode(await read(format, filter));
    expect(await text("csv")).toBe("event_id,symbol,usd_value\r\nid000001,ETH,0\r\nid000002,BTC,100\r\n");
    expect(JSON.parse(await text("json"))).toEqual([
      { event_id: "id000001", symbol: "ETH", usd_value: 0 },
      { event_id: "id000002", symbol: "BTC", usd_value: 100 },
    ]);
    expect(await text("csv", { min_usd: 1_000_000 })).toBe("event_id,symbol,usd_value\r\n");
    for (const filter of [{}, { min_usd: 1_000_000 }]) {
      const found = await parquetReadObjects({ file: await read("parquet", filter) });
      expect(found).toEqual(
        "min_usd" in filter
          ? []
          : [
              { event_id: "id000001", symbol: "ETH", usd_value: 0 },
              { event_id: "id000002", symbol: "BTC", usd_value: 100 },
            ],
      );
    }
  });

  test.each([
    [{ side: "up" }, "side"],
    [{ min_usd: -1 }, "min_usd"],
    [{ min_usd: "100" }, "min_usd"],
    [{ columns: ["price", "colour"] }, "columns"],
    [{ columns: [] }, "columns"],
  ])("%o is refused by name", async (filter, parameter) => {
    const { status, body } = await call("POST", "/v1/exports", { ...RANGE, format: "csv", ...filter });
    expect({ status, parameter: body.errors?.[0].parameter }).toEqual({ status: 400, parameter });
  });

  test("an export of before these filters existed runs as it was asked for", async () => {
    await store(rows.slice(0, 3));
    const { side: _side, min_usd: _minUsd, columns: _columns, ...request } = queued("exp_old", "admin").request;
    await insertExport(env.DB, queued("exp_old", "admin"));
    await env.DB.prepare("UPDATE exports SET request = ?1").bind(JSON.stringify(request)).run();
    await startExport(env, "exp_old", NOW);
    expect(await ended(call, "exp_old")).toMatchObject({ state: "done", rows: 3, request: UNFILTERED });
  });
});

async function estimate(body: object) {
  return (await call("POST", "/v1/exports/estimate", { ...RANGE, format: "csv", ...body })).body.data;
}

describe("an estimate", () => {
  test("says that it is not exact where the events are gone and only their totals are left", async () => {
    await store([event(1), event(2), event(3)]);
    await env.DB.prepare("UPDATE hot_events SET from_time = ?1")
      .bind(DAY + DAY_MS)
      .run();
    expect(await estimate({})).toMatchObject({ rows: 3, exact: true });
    expect(await estimate({ side: "long" })).toMatchObject({ rows: 3, exact: true });
    expect(await estimate({ start: DAY + 2 * MINUTE_MS + 5 })).toMatchObject({ rows: 2, exact: false });
    expect(await estimate({ min_usd: 1e9 })).toMatchObject({ rows: 3, exact: false });
    expect(await estimate({ include: "inferred" })).toMatchObject({ exact: false });
  });

  test("counts rows by the totals and makes nothing", async () => {
    await store([event(1), event(2), event(3, { symbol: "ETH" })]);
    await store([event(4, { exchange: "okx" })], "okx");
    expect(await estimate({})).toMatchObject({ rows: 4, files: 1, not_covered: [] });
    expect(await estimate({ symbols: ["BTC"], exchanges: ["binance"] })).toMatchObject({ rows: 2 });
    expect(await estimate({ start: DAY + 2 * MINUTE_MS })).toMatchObject({ rows: 3, exact: true });
    expect((await estimate({ format: "json" })).bytes).toBeGreaterThan((await estimate({ format: "parquet" })).bytes);
    expect((await call("GET", "/v1/exports")).body.data).toEqual([]);
  });

  test("says from when on neither gaps nor totals are known", async () => {
    const later = exportClient(DAY + 401 * DAY_MS);
    const { data } = (await later("POST", "/v1/exports/estimate", { start: DAY, end: DAY + 3 * DAY_MS, format: "csv" })).body;
    expect(data.not_covered).toMatchObject([{ start: DAY, end: DAY + DAY_MS, code: "gaps_unknown" }]);
  });

  test("says what of the range is in no store", async () => {
    const forgetful = exportClient(NOW, { LIQUIDATION_DAILY_RETENTION_DAYS: "1" });
    const { data } = (await forgetful("POST", "/v1/exports/estimate", { ...RANGE, format: "csv" })).body;
    expect(data.not_covered).toMatchObject([{ start: DAY, end: DAY + DAY_MS, code: "archive_off" }]);
  });
});
