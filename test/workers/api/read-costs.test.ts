import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import type { Gap } from "../../../src/gap.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { apiClient } from "./api-client.ts";
import { CountingDatabase } from "./counting-database.ts";

const NOW = DAY + 20 * HOUR_MS;
const EVENTS = 6_000;
const GAPS = 3_000;
const CASCADES = 2_000;

beforeAll(async () => {
  const rows = Array.from({ length: EVENTS }, (_, n) =>
    sampleLiquidation({
      event_id: `e${n}`,
      event_time: NOW - 15 * HOUR_MS + n * 9_000,
      usd_value: 10 + n,
      symbol: n % 2 === 0 ? "BTC" : "ETH",
    }),
  );
  await d1Sink.write(env, parseConfig({}), sampleBatch(rows));
  // A gap every 3 hours for a year, and one that lasts.
  const old = Array.from({ length: GAPS }, (_, n): Gap => {
    const from = NOW - (n + 1) * 3 * HOUR_MS;
    return { exchange: "okx", from_time: from, to_time: from + MINUTE_MS, reason: "silent" };
  });
  await d1Sink.writeNotes?.(env, { exchange: "okx", gaps: old, minuteMarks: [] });
  const cascades = Array.from({ length: CASCADES }, (_, n) => [`c${n}`, n % 2 === 0 ? "BTC" : "ETH", NOW - n * HOUR_MS, 1e6]);
  await env.DB.prepare(
    `INSERT INTO cascades SELECT value ->> 0, value ->> 1, 'long', 'ended', value ->> 2, value ->> 2, value ->> 2, 9, value ->> 3, 1, 'okx', '[]', 1, 1, 1, 1, 0, '[]', '{}', 1, NULL
     FROM json_each(?1)`,
  )
    .bind(JSON.stringify(cascades))
    .run();
});

afterAll(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

async function costOf(path: string): Promise<{ readonly rows: number; readonly read: number }> {
  const db = new CountingDatabase(env.DB);
  const { status, body } = await apiClient(NOW, { DB: db, LIQUIDATION_SYMBOLS: "BTC,ETH,SOL" })(path);
  expect(status, JSON.stringify(body)).toBe(200);
  return { rows: Array.isArray(body.data) ? body.data.length : 1, read: db.rowsRead };
}

test.each([
  ["filters that match nothing: a venue", "/v1/liquidations?exchange=kucoin"],
  ["filters that match nothing: an asset", "/v1/liquidations?symbol=SOL"],
  ["filters that match nothing: a value that no event has", "/v1/liquidations?min_usd=100000"],
  ["cascades of an asset without any, over 400 days", `/v1/cascades?symbol=SOL&threshold_usd=0&start=${NOW - 400 * DAY_MS}`],
  ["cascades larger than all, over 400 days", `/v1/cascades?threshold_usd=10000000&start=${NOW - 400 * DAY_MS}`],
])("%s, cost hardly a row", async (_name, path) => {
  const { rows, read } = await costOf(path);
  expect(rows).toBe(0);
  // The gaps of 400 days, at most 1,000, stand beside cascades.
  expect(read).toBeLessThan(path.includes("cascades") ? 3_050 : 60);
});

test("gaps of a day cost what is in it and not all that there ever were", async () => {
  const { rows, read } = await costOf(`/v1/gaps?start=${NOW - DAY_MS}`);
  expect(rows).toBe(8);
  expect(read).toBeLessThan(60);
});

test("a page of gaps over 400 days costs a page", async () => {
  const { rows, read } = await costOf(`/v1/gaps?start=${NOW - 400 * DAY_MS}&limit=50`);
  expect(rows).toBe(50);
  expect(read).toBeLessThan(150);
});

test("the largest liquidations cost a page", async () => {
  const { rows, read } = await costOf("/v1/liquidations?sort=usd&limit=20");
  expect(rows).toBe(20);
  expect(read).toBeLessThan(150);
});

test("a page of liquidations costs a page", async () => {
  const { rows, read } = await costOf("/v1/liquidations?limit=20");
  expect(rows).toBe(20);
  expect(read).toBeLessThan(150);
});

test("a comparison of venues passes over the events of its range once", async () => {
  const { read } = await costOf("/v1/cross-exchange?symbol=BTC");
  expect(read).toBeLessThan((EVENTS / 2) * 1.1);
});
