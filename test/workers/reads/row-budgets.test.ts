import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import type { VenueTotals } from "../../../src/cascade/cross-exchange.ts";
import { type ComparedEvent, burstEntries, concurrencyHistogram, venueTotals } from "../../../src/cascade/venue-bursts.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { OPERATIONS } from "../../../workers/api/operations.ts";
import { hourTotals } from "../../../workers/cron/hour-totals.ts";
import { retention } from "../../../workers/cron/retention.ts";
import { readComparedParts } from "../../../workers/d1/compared-parts.ts";
import { groupTotals } from "../../../workers/d1/ranking-reads.ts";
import { RowMeter, meteredDatabase, rowBudget } from "../../../workers/d1/row-meter.ts";
import { parseConfig } from "../../../src/config.ts";
import { readMove } from "../../../workers/silence/watch-silence.ts";
import { keepScoredBlocks } from "../../../workers/signals/scored-blocks.ts";
import { TOOLS } from "../../../workers/mcp/tools.ts";
import { dailyFiles } from "../../../workers/cron/daily-files.ts";
import { putRawFile } from "../../../workers/r2/raw-files.ts";
import { r2Sink } from "../../../workers/sinks/r2.ts";
import { exportClient, store } from "../exports/exports-stage.ts";
import { sampleLiquidation } from "../sample-liquidation.ts";
import { until } from "../until.ts";
import { apiClient, rawApiClient } from "../api/api-client.ts";
import { mcpClient } from "../mcp/mcp-client.ts";
import { NOW, storeDay } from "./stored-day.ts";

const TOKEN = "t".repeat(32);
const headers = { Authorization: `Bearer ${TOKEN}` };
const from = (days: number) => `start=${NOW - days * DAY_MS}`;
/** A day in the middle of the gaps: as many before as after it. */
const middle = `start=${NOW - 200 * DAY_MS}&end=${NOW - 199 * DAY_MS}`;

/** The dearest questions to each operation: filters that match nothing, the widest ranges, filters together, deep pages. */
const QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  getHealth: ["/health"],
  getStatus: ["/v1/status"],
  listSymbols: ["/v1/symbols?limit=1000", "/v1/symbols?exchange=okx&limit=1000", "/v1/symbols?exchange=okx&limit=1"],
  getStats: ["/v1/stats?symbol=BTC&window=24h", "/v1/stats?symbol=A7&window=1439m", "/v1/stats?symbol=NOPE"],
  listLiquidations: [
    "/v1/liquidations?limit=1000",
    "/v1/liquidations?limit=1000&symbol=BTC&order=asc",
    "/v1/liquidations?limit=1000&symbol=BTC&exchange=okx&side=long&min_usd=1000000",
    "/v1/liquidations?limit=10&symbol=BTC&exchange=okx&side=long&min_usd=140000",
    "/v1/liquidations?limit=1000&exchange=okx&min_usd=99999&side=long&symbol=ETH",
    "/v1/liquidations?exchange=okx&min_usd=160000&limit=10",
    "/v1/liquidations?min_usd=99999&limit=1000&order=asc",
    "/v1/liquidations?min_usd=150000&limit=10",
    "/v1/liquidations?sort=usd&limit=1000&symbol=BTC",
    "/v1/liquidations?sort=usd&limit=10&exchange=okx&side=short",
    "/v1/liquidations?sort=usd&symbol=A7&side=short&limit=10",
    `/v1/liquidations?sort=usd&order=asc&limit=1000&start=${NOW - HOUR_MS - 5 * MINUTE_MS}`,
    `/v1/liquidations?sort=usd&limit=10&start=${NOW - HOUR_MS}&end=${NOW - HOUR_MS + 1}`,
    `/v1/liquidations?${from(400)}&limit=10`,
  ],
  listTotals: [
    `/v1/totals?symbol=BTC&interval=1m&limit=1000&${from(1)}`,
    `/v1/totals?symbol=A7&interval=1m&limit=1000&${from(7)}`,
    `/v1/totals?symbol=A7&interval=1m&limit=1000&estimate=true&${from(2)}`,
    `/v1/totals?interval=1m&limit=1000&${from(1)}`,
    `/v1/totals?interval=1h&limit=1000&${from(31)}`,
    `/v1/totals?interval=1d&limit=1000&${from(31)}`,
    `/v1/totals?symbol=BTC&interval=1h&limit=1000&${from(400)}`,
    `/v1/totals?symbol=BTC&interval=1d&limit=1000&${from(400)}`,
  ],
  listEstimateMethods: ["/v1/estimates/methods"],
  listMarks: [`/v1/marks?symbol=BTC&start=${NOW - 2 * DAY_MS}`, `/v1/marks?symbol=A7&interval=1h&exchange=okx&start=${NOW - 2 * DAY_MS}`],
  getMarketState: ["/v1/market-state?symbol=BTC", "/v1/market-state?symbol=A7"],
  getRanking: [
    "/v1/rankings?limit=1",
    `/v1/rankings?by=symbol&limit=1&start=${NOW - 31 * DAY_MS + 1}&end=${NOW - MINUTE_MS}`,
    `/v1/rankings?by=side&symbol=BTC&start=${NOW - 7 * DAY_MS + HOUR_MS}`,
    `/v1/rankings?by=symbol&exchange=okx&side=long&limit=1&${from(31)}`,
  ],
  listCascades: [
    `/v1/cascades?limit=1000&threshold_usd=0&${from(400)}`,
    `/v1/cascades?limit=10&threshold_usd=9999999&${from(400)}`,
    `/v1/cascades?limit=10&state=active&threshold_usd=0&${from(400)}`,
    `/v1/cascades?symbol=BTC&state=active&threshold_usd=0&${from(400)}`,
  ],
  getCascadeForecast: ["/v1/cascades/forecast?symbol=BTC", "/v1/cascades/forecast"],
  getCascade: ["/v1/cascades/c7"],
  getContagion: ["/v1/contagion?symbol=BTC"],
  getCrossExchange: ["/v1/cross-exchange?symbol=BTC&hours=24", "/v1/cross-exchange?symbol=A7&hours=23"],
  listGaps: [
    `/v1/gaps?limit=1000&${from(400)}`,
    `/v1/gaps?limit=10&reason=blocked&${from(400)}`,
    `/v1/gaps?limit=10&exchange=okx&reason=blocked&${from(400)}`,
    `/v1/gaps?limit=10&exchange=okx&${middle}`,
    `/v1/gaps?limit=10&${middle}`,
  ],
  getCoverage: [`/v1/coverage?interval=1d&${from(400)}`, `/v1/coverage?interval=1h&${middle}`],
  getTruthBoard: ["/v1/truth-board?days=60"],
  listSignals: [
    "/v1/signals?limit=1000",
    "/v1/signals?limit=1000&symbol=A9&action=NOTHING&analyst=deepseek",
    "/v1/signals?limit=10&action=NOTHING",
    "/v1/signals?limit=10&symbol=BTC&action=NOTHING&order=asc",
  ],
  getSignal: ["/v1/signals/s1"],
  getScoreboard: ["/v1/signals/scoreboard", "/v1/signals/scoreboard?symbol=A7", "/v1/signals/scoreboard?analyst=rules"],
  listGrades: ["/v1/signals/grades?limit=1000", "/v1/signals/grades?limit=10&order=asc"],
  verifySignals: ["/v1/signals/verify"],
  listDatasets: ["/v1/datasets?limit=100"],
  listDatasetChanges: ["/v1/datasets/changes?limit=1000", "/v1/datasets/changes?kind=minute_marks"],
  getDataset: ["/v1/datasets/2026-11-19"],
  getRawFrame: ["/v1/liquidations/okx:none/raw"],
  listRawFiles: ["/v1/raw?limit=1000"],
  listExports: ["/v1/exports?limit=1000"],
  getExport: ["/v1/exports/exp_1"],
  listWebhooks: ["/v1/webhooks"],
  getWebhook: ["/v1/webhooks/whe_1"],
  getRuleLanguage: ["/v1/rules/fields"],
  listRules: ["/v1/rules"],
  getRule: ["/v1/rules/rul_1"],
  listRuleEvents: ["/v1/rules/rul_1/events?limit=100"],
  listDeliveries: ["/v1/webhooks/whe_1/deliveries?limit=1000", "/v1/webhooks/whe_1/deliveries?state=failed"],
  listKeys: ["/v1/keys?limit=1000"],
  getKey: ["/v1/keys/key_1"],
  getOwnKey: ["/v1/key"],
  getUsage: ["/v1/usage?key_id=key_1"],
  getReady: ["/ready"],
  getPlatformUsage: ["/v1/usage/platform"],
  getStreamStats: ["/v1/stream/stats"],
  getStoreRefill: ["/v1/stores/d1/refill"],
};

/** The dearest questions to each operation whose answer is a file or text. */
const FILE_QUESTIONS: Readonly<Record<string, string>> = {
  getCascadeImage: "/v1/cascades/c7/image",
  getMetrics: "/metrics",
  downloadDataset: "/v1/datasets/2026-11-19/files/liquidation_20261119.parquet",
  downloadRawFile: "/v1/raw/raw_okx_20261119T07_1795132800000-0000000001.ndjson.gz",
  downloadExport: "/v1/exports/exp_1/files/part-0001.csv",
};

/** What these ask for was never stored. */
const MAY_BE_MISSING = new Set(["getRawFrame", "getDataset", "getStoreRefill"]);
/** The ADMIN_TOKEN, with which all are asked, is no API key. */
const OTHER_STATUS: Readonly<Record<string, number>> = { getReady: 503, getOwnKey: 403 };

beforeAll(storeDay, 180_000);

function metered() {
  const meter = new RowMeter();
  const changes = { DB: meteredDatabase(env.DB, meter), LIQUIDATION_SYMBOLS: "*", ADMIN_TOKEN: TOKEN };
  return { meter, changes };
}

test("every read of the document has its dearest questions here", () => {
  // A stream has no single answer to measure.
  const reads = OPERATIONS.filter(({ method, doc }) => method === "GET" && doc.id !== "openStream");
  const documented = reads.filter(({ doc }) => doc.tag !== "Documentation").map(({ doc }) => doc.id);
  expect(documented.toSorted()).toEqual([...Object.keys(QUESTIONS), ...Object.keys(FILE_QUESTIONS)].toSorted());
});

const FILE_DAY = Date.UTC(2026, 10, 18);

/** Makes each kind of file that can be downloaded. @returns the addresses, by operation */
async function storeFiles(): Promise<Readonly<Record<string, string>>> {
  await store([sampleLiquidation({ event_time: FILE_DAY })], "binance", [r2Sink]);
  await dailyFiles(env, parseConfig({}), NOW);
  const raw = { exchange: "okx", epoch: FILE_DAY, firstSequence: 1, firstReceivedTime: FILE_DAY, lastReceivedTime: FILE_DAY } as const;
  await putRawFile(env.BUCKET, { ...raw, lines: ["{}"] });
  const { meter, changes } = metered();
  const call = exportClient(NOW, changes);
  const asked = { format: "csv", start: NOW - HOUR_MS, end: NOW - HOUR_MS + MINUTE_MS };
  const made = await call("POST", "/v1/exports", asked, headers);
  expect(made.status, JSON.stringify(made.body)).toBe(202);
  expect(meter.counts.rows_read).toBeLessThanOrEqual(rowBudget(1));
  const id: string = made.body.data.export_id;
  await until("the export is done", async () => (await call("GET", `/v1/exports/${id}`, undefined, headers)).body.data.state === "done");
  const { body } = await call("GET", `/v1/exports/${id}`, undefined, headers);
  return {
    downloadDataset: "/v1/datasets/2026-11-18/files/liquidation_20261118.parquet",
    downloadRawFile: (await call("GET", `/v1/raw?start=${FILE_DAY}`, undefined, headers)).body.data[0].path,
    downloadExport: body.data.downloads[0].path,
  };
}

test("a file reads no more rows than a single one may, whether it is there or not", async () => {
  const files = await storeFiles();
  for (const [id, path] of [...Object.entries(FILE_QUESTIONS), ...Object.entries(files)]) {
    const { meter, changes } = metered();
    const response = await rawApiClient(NOW, changes)(path, { headers });
    // Of the first three no file was stored, and the export has expired.
    const missing = id === "downloadExport" ? 410 : 404;
    expect(response.status, path).toBe(id.startsWith("download") && files[id] !== path ? missing : 200);
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(0);
    expect(meter.counts.rows_read, path).toBeLessThanOrEqual(rowBudget(1));
  }
});

describe("at 200,000 liquidations a day and 20,000 gaps, at most 5,000 rows, or 12 for each row it returns, are read by", () => {
  const questions = Object.entries(QUESTIONS).flatMap(([id, paths]) => paths.map((path) => [path, id] as const));
  test.each(questions)("%s", async (path, id) => {
    const { meter, changes } = metered();
    const ask = apiClient(NOW, changes);
    const { status, body } = await ask(path, { headers });
    expect([200, ...(MAY_BE_MISSING.has(id) || path.endsWith("NOPE") ? [404] : []), OTHER_STATUS[id]], JSON.stringify(body)).toContain(
      status,
    );
    const returned = Array.isArray(body.data) ? body.data.length : 1;
    expect(meter.counts.rows_read).toBeLessThanOrEqual(rowBudget(returned));
    const cursor: unknown = body.meta?.next_cursor;
    if (typeof cursor !== "string") return;
    // The page after it costs no more.
    const before = meter.counts.rows_read;
    const next = await ask(`${path}&cursor=${cursor}`, { headers });
    expect(next.status).toBe(200);
    expect(meter.counts.rows_read - before).toBeLessThanOrEqual(rowBudget(next.body.data.length));
  });

  // An operation with a body reads as much as the body asks for.
  test.each(TOOLS.filter(({ operation }) => operation in QUESTIONS))("the tool $name", async ({ name, operation, rows, without = [] }) => {
    const [path = ""] = QUESTIONS[operation] ?? [];
    const url = new URL(path, "https://worker.example");
    const args = Object.fromEntries([...url.searchParams].filter(([key]) => !without.includes(key)));
    const last = url.pathname.split("/").at(-1) ?? "";
    const named = operation === "getSignal" ? { id: last } : operation === "getDataset" ? { date: last } : {};
    const { meter, changes } = metered();
    const limit = rows == null ? {} : { limit: rows.most };
    const result = await mcpClient(NOW, changes).call(name, { ...args, ...named, ...limit }, headers);
    const data: unknown = result.structuredContent?.data;
    expect(meter.counts.rows_read).toBeLessThanOrEqual(rowBudget(Array.isArray(data) ? data.length : 1));
  });
});

test("the jobs that a minute repeats read no more than a request may, where nothing has to be done", async () => {
  const { meter, changes } = metered();
  await retention(changes.DB, { LIQUIDATION_LOCAL_RETENTION_HOURS: 24 }, NOW, []);
  expect(meter.counts.rows_read).toBeLessThanOrEqual(rowBudget(0));
  await hourTotals(changes.DB, NOW);
  await keepScoredBlocks(changes.DB);
  await readMove(changes.DB, parseConfig({}), NOW);
  expect(meter.counts.rows_read).toBeLessThanOrEqual(rowBudget(0));
});

test("pages of filters that hardly match find every match, each once, and say how far they searched", async () => {
  const { changes } = metered();
  const ask = apiClient(NOW, changes);
  const path = "/v1/liquidations?symbol=BTC&exchange=okx&side=long&min_usd=149000&limit=20&start=" + String(NOW - 2 * HOUR_MS);
  const found: string[] = [];
  let scannedTo = NOW;
  for (let cursor = ""; ;) {
    const { body } = await ask(`${path}${cursor}`);
    found.push(...body.data.map((row: { event_id: string }) => row.event_id));
    if (body.meta.next_cursor === null) break;
    if (body.data.length < 20) {
      expect(body.meta.scanned_to).toBeLessThan(scannedTo);
      scannedTo = body.meta.scanned_to;
    }
    cursor = `&cursor=${body.meta.next_cursor}`;
  }
  const { results } = await env.DB.prepare(
    `SELECT event_id FROM liquidations WHERE symbol = 'BTC' AND exchange = 'okx' AND position_side = 'long' AND usd_value >= 149000
       AND event_time >= ?1 AND event_time < ?2 ORDER BY event_time DESC, event_id DESC`,
  )
    .bind(NOW - 2 * HOUR_MS, NOW)
    .all<{ event_id: string }>();
  expect(found).toEqual(results.map((row) => row.event_id));
  expect(found.length).toBeGreaterThan(0);
});

const byVenue = (a: VenueTotals, b: VenueTotals) => (a.exchange < b.exchange ? -1 : 1);

describe("what is read from sums equals what the events say", () => {
  const range = { start: NOW - 23 * HOUR_MS - 12_345, end: NOW - 54_321 };

  test.each(["BTC", "A7"])("bursts, shares and concurrency of %s", async (symbol) => {
    const { results } = await env.DB.prepare(
      `SELECT exchange, position_side, event_time, usd_value, notional_mark_usd, concurrent_exchanges FROM liquidations
       WHERE symbol = ?1 AND event_time >= ?2 AND event_time < ?3 ORDER BY event_time, event_id`,
    )
      .bind(symbol, range.start, range.end)
      .all<ComparedEvent>();
    const parts = await readComparedParts(env.DB, symbol, range);
    expect(parts.length).toBeLessThan(results.length);
    expect(venueTotals(parts).toSorted(byVenue)).toEqual(venueTotals(results).toSorted(byVenue));
    expect(burstEntries(parts, 10_000)).toEqual(burstEntries(results, 10_000));
    expect(concurrencyHistogram(parts)).toEqual(concurrencyHistogram(results));
  });

  test("the ranking of a range with minutes, hours and a changed hour", async () => {
    const whole = { start: NOW - 23 * HOUR_MS - 7 * MINUTE_MS, end: NOW - 3 * MINUTE_MS };
    const { results } = await env.DB.prepare(
      "SELECT symbol AS key, count(*) AS events, sum(usd_value) AS usd FROM liquidations WHERE event_time >= ?1 AND event_time < ?2 GROUP BY 1 ORDER BY 1",
    )
      .bind(whole.start, whole.end)
      .all<{ key: string; events: number; usd: number }>();
    const groups = await groupTotals(env.DB, "symbol", whole, {});
    expect(groups.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ key, events, usd }) => ({ key, events, usd }))).toEqual(results);
  });
});
