import { ZodObject } from "zod";
import { CfWorkerJsonSchemaValidator } from "@modelcontextprotocol/server/validators/cf-worker";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { dailyFileKey, dailyManifestKey } from "../../../src/daily/daily-keys.ts";
import type { Gap } from "../../../src/gap.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { OPERATIONS } from "../../../workers/api/operations.ts";
import { saveCascades } from "../../../workers/d1/cascade-writes.ts";
import { recordDatasetChange } from "../../../workers/d1/dataset-changes.ts";
import { withReadableTimes } from "../../../workers/mcp/readable-times.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { mcpClient } from "./mcp-client.ts";
import { sampleFeedStatus } from "../sample-feed-status.ts";
import { MINUTE, stage, store, storeSpike, workerEnv } from "../signals/signals-stage.ts";
import { emptyStorage } from "../empty-storage.ts";
import { sampleCascade } from "../../unit/cascade/sample-cascade.ts";

const NOW = MINUTE + 30_000;
const SIGNAL = "BTC-15m-20261122T1405Z";
const GAP: Gap = { exchange: "okx", from_time: MINUTE - 5 * MINUTE_MS, to_time: MINUTE - 4 * MINUTE_MS, reason: "disconnected" };
const feedStatuses = () =>
  Promise.resolve([{ exchange: "binance" as const, status: sampleFeedStatus({ since: NOW - 1_000 }), error: null }]);

const { get, request, modernRequest, call } = mcpClient(NOW, {}, feedStatuses);

const CASCADE = sampleCascade(MINUTE, { gaps: [GAP] });

/** A spike of bybit's, a decision on it, a cascade and a gap. */
beforeEach(async () => {
  await storeSpike();
  await (await stage(null)).run();
  await saveCascades(env.DB, [CASCADE], NOW - 1_000);
  await storeDay("2026-11-20");
  await d1Sink.writeNotes?.(workerEnv, { exchange: "okx", gaps: [GAP], minuteMarks: [] });
});
afterEach(emptyStorage);

/** A day's file, of which the tools read the manifest alone. */
async function storeDay(date: string): Promise<void> {
  const bytes = new TextEncoder().encode("a file");
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  await env.BUCKET.put(dailyFileKey(date), bytes, { sha256: digest });
  await recordDatasetChange(env.DB, {
    kind: "liquidations",
    date,
    changed_time: NOW - 1_000,
    old_sha256: null,
    new_sha256: "a".repeat(64),
    rows: 1,
    bytes: 6,
  });
  const rows = { rows: 1, first_event_time: Date.parse(date), last_event_time: Date.parse(date), exchanges: {} };
  const file = { date, file: dailyFileKey(date), bytes: bytes.length, sha256: Buffer.from(digest).toString("hex"), schema_version: 1 };
  const rest = { gaps: [GAP], gaps_truncated: false, source_batches: 1, created_time: NOW - 1_000, row_group_rows: [1], slices: [] };
  await env.BUCKET.put(dailyManifestKey(date), JSON.stringify({ ...file, ...rows, ...rest }));
}

/** Their calls are in the tests of rules. */
const NEED_A_SCOPE = ["preview_rule", "list_rules", "create_rule"];

/** Each tool with arguments there is data for, and the address that answers the same. */
const CALLS = [
  ["get_status", {}, "/v1/status"],
  ["list_symbols", { limit: 5 }, "/v1/symbols?limit=5"],
  ["list_gaps", { reason: "disconnected" }, "/v1/gaps?reason=disconnected&limit=50"],
  ["get_coverage", { interval: "1d" }, "/v1/coverage?interval=1d"],
  ["get_stats", { symbol: "btc", window: "1h" }, "/v1/stats?symbol=BTC&window=1h"],
  ["list_totals", { symbol: "BTC", interval: "1h" }, "/v1/totals?symbol=BTC&interval=1h&limit=60"],
  ["get_ranking", { by: "exchange" }, "/v1/rankings?by=exchange"],
  ["list_liquidations", { symbol: "BTC", min_usd: 50_000, limit: 3 }, "/v1/liquidations?symbol=BTC&min_usd=50000&limit=3"],
  [
    "list_liquidations",
    { start: MINUTE - HOUR_MS, end: "2026-11-22T14:05:00Z", order: "asc" },
    `/v1/liquidations?start=${MINUTE - HOUR_MS}&end=${MINUTE}&order=asc`,
  ],
  ["list_cascades", { state: "ended" }, "/v1/cascades?state=ended"],
  ["get_cross_exchange", { symbol: "BTC", hours: 2 }, "/v1/cross-exchange?symbol=BTC&hours=2"],
  ["get_contagion", { symbol: "BTC" }, "/v1/contagion?symbol=BTC"],
  ["get_market_state", { symbol: "BTC" }, "/v1/market-state?symbol=BTC"],
  ["list_datasets", {}, "/v1/datasets?limit=10"],
  ["get_dataset", { date: "2026-11-20" }, "/v1/datasets/2026-11-20"],
  ["list_dataset_changes", {}, "/v1/datasets/changes?limit=20"],
  ["list_signals", { analyst: "rules" }, "/v1/signals?analyst=rules"],
  ["get_signal", { id: SIGNAL }, `/v1/signals/${SIGNAL}`],
  ["get_scoreboard", { symbol: "BTC" }, "/v1/signals/scoreboard?symbol=BTC"],
  ["get_rule_language", {}, "/v1/rules/fields"],
] as const;

const tools = async () => (await request("tools/list")).body.result.tools as readonly Readonly<Record<string, any>>[]; // oxlint-disable-line typescript/no-explicit-any -- as a client sees them

const problemIn = (text: string) => JSON.parse(text.slice(text.indexOf("\n") + 1));
describe("a tool's result", () => {
  test.each(CALLS)("of %s %o is what %s answers, and fits the schema the tool promises", async (name, args, path) => {
    const { isError, structuredContent } = await call(name, args);
    const { status, body } = await get(path);
    expect(status).toBe(200);
    expect(isError).toBeUndefined();
    expect(body.data.length ?? 1).toBeGreaterThan(0);
    const { request_id: asked, ...meta } = structuredContent.meta;
    const { request_id: answered, ...metaOfRoute } = body.meta;
    expect(asked).not.toBe(answered);
    expect({ data: structuredContent.data, meta }).toEqual(withReadableTimes({ data: body.data, meta: metaOfRoute }));

    const tool = (await tools()).find((one) => one.name === name);
    const validate = new CfWorkerJsonSchemaValidator().getValidator(tool?.outputSchema);
    expect(validate(structuredContent)).toMatchObject({ valid: true });
    expect(validate({ ...structuredContent, data: 1 })).toMatchObject({ valid: false });
  });

  test.each(CALLS)("of %s %o has times that can be read, and no milliseconds since 1970", async (name, args) => {
    const { text, structuredContent } = await call(name, args);
    for (const said of [text, JSON.stringify(structuredContent)]) {
      expect(said).not.toMatch(/\D1[78]\d{11}\D/);
    }
  });

  test("is the same in revision 2026-07-28", async () => {
    const { body } = await modernRequest("tools/call", { name: "get_stats", arguments: { symbol: "BTC" } });
    expect(body.result.structuredContent.data).toEqual(withReadableTimes((await get("/v1/stats?symbol=BTC")).body.data));
  });

  test("names the request as the answer's header does", async () => {
    const { headers, body } = await request("tools/call", { name: "get_status", arguments: {} }, { "X-Request-Id": "asked-by-me" });
    expect(headers.get("X-Request-Id")).toBe("asked-by-me");
    expect(body.result.structuredContent.meta.request_id).toBe("asked-by-me");
  });

  test("says in its text how old it is, what the venues shown carry and the gaps, and tells a list as a table", async () => {
    const { text, structuredContent } = await call("list_liquidations", { symbol: "BTC", limit: 3 });
    const [age, coverage, gaps, table, ...others] = text.split("\n");
    expect(others).toEqual([]);
    expect(age).toBe(
      `Generated at 2026-11-22T14:05:30.000Z; newest event at 2026-11-22T14:01:50.000Z (4 min ago). 3 rows; more rows exist: call again with the same arguments and cursor "${structuredContent.meta.next_cursor}".`,
    );
    expect(coverage).toContain(
      "binance: at most the largest order per symbol and second, a lower bound; bybit, bitfinex, gate: all liquidations",
    );
    expect(coverage).toContain("okx: a sample, a lower bound; kucoin: no liquidations");
    expect(gaps).toBe("Gaps inside the range: okx not connected from 2026-11-22T14:00:00.000Z to 2026-11-22T14:01:00.000Z (disconnected).");
    const { columns, rows, null_in_every_row: empty } = JSON.parse(table ?? "");
    expect(empty).toContain("mark_price");
    const row = Object.fromEntries(columns.map((name: string, index: number) => [name, rows[0][index]]));
    expect({ ...structuredContent.data[0], ...Object.fromEntries(empty.map((name: string) => [name, null])) }).toEqual({
      ...row,
      ...Object.fromEntries(empty.map((name: string) => [name, null])),
    });
  });

  test("says what of the range is not covered", async () => {
    const { text, structuredContent } = await call("list_liquidations", { start: NOW - 48 * HOUR_MS });
    expect(structuredContent.meta.not_covered).toMatchObject({ code: "archive_off" });
    expect(text).toMatch(
      /\nNot covered: 2026-11-20T14:05:30.000Z to 2026-11-21T14:05:30.000Z \(archive_off\): Only the archive holds data .*SUPABASE_URL/,
    );
  });

  test("does not claim that there were no gaps where none are looked for", async () => {
    for (const [name, args] of [
      ["list_signals", {}],
      ["get_signal", { id: SIGNAL }],
      ["get_scoreboard", {}],
    ] as const) {
      expect((await call(name, args)).text).not.toContain("Gaps");
    }
    expect((await call("get_status")).text).toContain("Gaps open now, for feeds that responded: none.");
  });

  test("has as many rows as a model can hold, and the cursor leads through all of them", async () => {
    await store(Array.from({ length: 26 }, (_, n) => [n, 1_000] as const));
    const seen: string[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < 3; page += 1) {
      const { structuredContent } = await call("list_liquidations", { cursor });
      seen.push(...structuredContent.data.map((row: { readonly event_id: string }) => row.event_id));
      if (page === 0) expect(seen).toHaveLength(20);
      cursor = structuredContent.meta.next_cursor;
      if (cursor === null) break;
    }
    const all = (await get("/v1/liquidations?limit=1000")).body.data.map((row: { readonly event_id: string }) => row.event_id);
    expect(all).toHaveLength(30);
    expect(seen).toEqual(all);
  });
});

describe("what goes wrong", () => {
  test.each([
    ["get_stats", {}, "symbol: is required"],
    ["get_stats", { symbol: "DOGE" }, "DOGE is not collected; GET /v1/symbols lists what is"],
    [
      "get_stats",
      { symbol: "BTC", window: "25h", color: "red" },
      "window: must be a length from 1m to 24h: a whole number with m or h; color: is not a parameter of this operation",
    ],
    ["get_stats", { symbol: ["BTC"] }, "symbol: "],
    ["list_liquidations", { limit: 201 }, "limit: must be a whole number from 1 to 200"],
    ["list_liquidations", { limit: 0 }, "limit: must be a whole number from 1 to 200"],
    ["list_liquidations", { limit: "all" }, "limit: must be a whole number from 1 to 200"],
    ["list_liquidations", { start: 1.5, min_usd: -1 }, "min_usd: must be an amount of USD"],
    ["list_liquidations", { cursor: "nonsense" }, "cursor: is not a cursor"],
    ["list_signals", { include: "statistics" }, "include: is not a parameter of this tool"],
    ["get_cross_exchange", { symbol: "BTC", hours: 99 }, "hours: must be a whole number from 1 to 24"],
    ["get_status", { constructor: 1 }, "constructor: is not a parameter of this operation"],
  ])("%s with %o is stated in the result: %s", async (name, args, detail) => {
    const { isError, text, structuredContent } = await call(name, args);
    expect(isError).toBe(true);
    expect(structuredContent).toBeUndefined();
    expect(text).toContain(detail);
    const problem = problemIn(text);
    const [status, code] = text.startsWith("DOGE") ? [404, "unknown_symbol"] : [400, "bad_parameters"];
    expect(problem).toMatchObject({ status, code });
    expect(problem.errors.length).toBeGreaterThan(0);
  });

  test("an id that is not there and a range only the archive could answer are results with the problem's code", async () => {
    expect(problemIn((await call("get_signal", { id: "nobody" })).text)).toMatchObject({ status: 404, code: "not_found" });
    const old = await call("list_liquidations", { start: "2026-11-01", end: "2026-11-02" });
    expect(old.isError).toBe(true);
    expect(problemIn(old.text)).toMatchObject({ status: 501, code: "archive_off" });
    expect(old.text).toContain("SUPABASE_URL and SUPABASE_SECRET_KEY are not set");
  });

  test("a database that fails is reported without its words, with when to repeat the request", async () => {
    await env.DB.exec("DROP TABLE cascades");
    const { isError, text } = await call("list_cascades");
    expect(isError).toBe(true);
    expect(text).toMatch(/^The database does not respond. Retry after 5 s.\n/);
    expect(text).not.toContain("no such table");
  });

  test("a tool that does not exist is an error of the protocol", async () => {
    expect((await request("tools/call", { name: "delete_everything", arguments: {} })).body.error).toMatchObject({ code: -32_602 });
  });
});

const WITHOUT: Readonly<Record<string, readonly string[]>> = {
  list_signals: ["include"],
  get_ranking: ["limit"],
};

describe("the list of tools", () => {
  test("names each with title, annotations and the parameters of its operation", async () => {
    const list = await tools();
    expect(list.map(({ name }) => name)).toEqual([...new Set(CALLS.map(([name]) => name)), ...NEED_A_SCOPE]);
    const parametersOf = new Map(
      OPERATIONS.map(({ doc }) => [
        doc.id.toLowerCase(),
        Object.keys({ ...doc.params.shape, ...doc.query.shape, ...(doc.body instanceof ZodObject ? doc.body.shape : {}) }),
      ]),
    );
    for (const { name, title, annotations, inputSchema, outputSchema } of list) {
      expect(title.length).toBeGreaterThan(5);
      const isReading = name !== "create_rule";
      expect(annotations).toEqual({
        title,
        readOnlyHint: isReading,
        destructiveHint: false,
        idempotentHint: isReading,
        openWorldHint: false,
      });
      const left = WITHOUT[name] ?? [];
      const expected = parametersOf.get(name.replaceAll("_", ""))?.filter((parameter) => !left.includes(parameter));
      expect(Object.keys(inputSchema.properties)).toEqual(expected);
      expect(inputSchema.additionalProperties).toBe(false);
      expect(outputSchema).toMatchObject({ type: "object", required: ["data", "meta"] });
      expect(JSON.stringify(outputSchema.properties.data)).toMatch(/\$ref|properties|items/);
    }
    expect(list.find(({ name }) => name === "list_gaps")?.outputSchema.properties.data.items.properties.to_time).toEqual({
      type: ["string", "null"],
    });
    const limit = list.find(({ name }) => name === "list_liquidations")?.inputSchema.properties.limit;
    expect(limit).toMatchObject({ type: "integer", minimum: 1, maximum: 200, default: 20 });
  });

  test("takes less than 40 kB of a model's context", async () => {
    const { result } = (await request("tools/list")).body;
    expect(new TextEncoder().encode(JSON.stringify(result)).length).toBeLessThan(40_000);
  });

  test("says of each what is measured, what is a lower bound and what is modeled", async () => {
    const texts = new Map((await tools()).map(({ name, description }) => [name, description]));
    for (const name of ["get_status", "get_stats", "list_liquidations", "list_cascades", "get_cross_exchange"]) {
      expect(texts.get(name)).toMatch(/binance: at most the largest order per symbol and second, a lower bound/);
      expect(texts.get(name)).toMatch(/okx(, \w+)*: a sample, a lower bound; kucoin: no liquidations/);
    }
    expect(texts.get("list_liquidations")).toMatch(
      /branching_ratio \(how much events cluster, a Hawkes fit, with its standard error branching_ratio_se\) and cascade_score \(a heuristic, see score_kind\) are modeled/,
    );
    expect(texts.get("list_liquidations")).toMatch(/USDT and USDC as 1 USD/);
    expect(texts.get("list_cascades")).toMatch(/a heuristic with the thresholds in constants/);
    for (const name of ["list_signals", "get_signal", "get_scoreboard"]) {
      expect(texts.get(name)).toMatch(/Signals are not advice. A language model or a fixed rule makes them/);
      expect(texts.get(name)).toMatch(/paper true/);
    }
  });
});
