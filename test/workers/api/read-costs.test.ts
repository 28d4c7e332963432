import { env } from "cloudflare:workers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import type { Gap } from "../../../src/gap.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { RowMeter, meteredDatabase } from "../../../workers/d1/row-meter.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { apiClient } from "./api-client.ts";
import { emptyStorage } from "../empty-storage.ts";

const NOW = DAY + 20 * HOUR_MS;
const EVENTS = 6_000;
const GAPS = 3_000;
const CASCADES = 2_000;
const ASSETS = 100;
const SUMMED_HOURS = 100;

beforeAll(async () => {
  const rows = Array.from({ length: EVENTS }, (_, n) =>
    sampleLiquidation({
      event_id: `e${n}`,
      event_time: NOW - 15 * HOUR_MS + n * 9_000,
      usd_value: 10_000 + n,
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
    `INSERT INTO cascades (cascade_id, symbol, position_side, state, start_time, peak_time, end_time, events, usd, peak_usd_per_s,
       first_exchange, exchanges, start_mark, extreme_mark, move_bps, severity, market_wide, gaps, constants, updated_time, peak_5s_usd)
     SELECT value ->> 0, value ->> 1, 'long', 'ended', value ->> 2, value ->> 2, value ->> 2, 9, value ->> 3, 1, 'okx', '[]', 1, 1, 1, 1, 0, '[]', '{}', 1, NULL
     FROM json_each(?1)`,
  )
    .bind(JSON.stringify(cascades))
    .run();
  const hours = Array.from({ length: SUMMED_HOURS }, (_, n) => NOW - 15 * DAY_MS + n * HOUR_MS);
  const assets = Array.from({ length: ASSETS }, (_, n) => (n === 0 ? "BTC" : `A${n}`));
  await env.DB.prepare(
    `INSERT INTO hour_totals
     SELECT hours.value, assets.value, 'okx', 'long', 1, 0, 0, 9, 9, 1, 9 FROM json_each(?1) AS hours, json_each(?2) AS assets`,
  )
    .bind(JSON.stringify(hours), JSON.stringify(assets))
    .run();
});

afterAll(emptyStorage);

async function costOf(path: string): Promise<{ readonly rows: number; readonly read: number }> {
  const meter = new RowMeter();
  const { status, body } = await apiClient(NOW, { DB: meteredDatabase(env.DB, meter), LIQUIDATION_SYMBOLS: "BTC,ETH,SOL" })(path);
  expect(status, JSON.stringify(body)).toBe(200);
  return { rows: Array.isArray(body.data) ? body.data.length : 1, read: meter.counts.rows_read };
}

/** Each venue is looked up by itself. */
const VENUES = parseConfig({}).LIQUIDATION_EXCHANGES.length;

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
  expect(read).toBeLessThan(path.includes("cascades") ? 3_050 : 12 * VENUES);
});

test("gaps of a day cost what is in it and not all that there ever were", async () => {
  const { rows, read } = await costOf(`/v1/gaps?start=${NOW - DAY_MS}`);
  expect(rows).toBe(8);
  expect(read).toBeLessThan(12 * VENUES);
});

test("gaps of a day a year ago cost what is in it and not all since", async () => {
  const { rows, read } = await costOf(`/v1/gaps?start=${NOW - 370 * DAY_MS}&end=${NOW - 369 * DAY_MS}`);
  expect(rows).toBe(8);
  expect(read).toBeLessThan(120);
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

test.each(["asc", "desc"])("the largest liquidations of a minute, %s, cost the minute", async (order) => {
  const middle = NOW - 8 * HOUR_MS;
  const { rows, read } = await costOf(`/v1/liquidations?sort=usd&order=${order}&start=${middle}&end=${middle + MINUTE_MS}`);
  expect(rows).toBe(7);
  expect(read).toBeLessThan(100);
});

test("a page of liquidations costs a page", async () => {
  const { rows, read } = await costOf("/v1/liquidations?limit=20");
  expect(rows).toBe(20);
  expect(read).toBeLessThan(150);
});

test("a ranking of venues by one asset costs the hours of that asset", async () => {
  const { read } = await costOf(`/v1/rankings?by=exchange&symbol=BTC&start=${NOW - 20 * DAY_MS}&end=${NOW - 10 * DAY_MS}`);
  // An index entry and a row for each hour, and those of the gaps since.
  expect(read).toBeLessThan((ASSETS * SUMMED_HOURS) / 10);
});

test("a comparison of venues passes over the events of its range once", async () => {
  const { read } = await costOf("/v1/cross-exchange?symbol=BTC");
  expect(read).toBeLessThan((EVENTS / 2) * 1.1);
});
