import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { storeCascadeEstimate } from "../../../workers/d1/cascade-estimates.ts";
import { writeMinuteEstimates } from "../../../workers/d1/estimate-writes.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { sampleCascade } from "../../unit/cascade/sample-cascade.ts";
import { emptyStorage } from "../empty-storage.ts";
import { mcpClient } from "../mcp/mcp-client.ts";
import { COMPLETE, WITHHELD, plantEstimates, planted } from "../planted-estimates.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { apiClient } from "./api-client.ts";

/** 20 s into a minute; estimates are settled up to five minutes before it. */
const NOW = DAY + 6 * HOUR_MS + 20_000;
const SETTLED = DAY + 6 * HOUR_MS - 5 * MINUTE_MS;
const FROM = SETTLED - 2 * HOUR_MS;
const get = apiClient(NOW);

const estimateOfDay = async () => (await get("/v1/stats?symbol=BTC&window=24h")).body.data.estimate;

afterEach(emptyStorage);

async function storeLiquidations(): Promise<void> {
  for (const exchange of ["binance", "okx"] as const) {
    const event = sampleLiquidation({ event_id: exchange, exchange, event_time: NOW - 10 * MINUTE_MS });
    await d1Sink.write(env, parseConfig({}), sampleBatch([event], exchange));
  }
}

describe("GET /v1/stats", () => {
  test("has the estimate of as many settled minutes as the window has, by side and by venue, with method and status", async () => {
    await storeLiquidations();
    await plantEstimates(FROM, 120, new Map([["BTC", [planted(), COMPLETE]]]));
    const { body } = await get("/v1/stats?symbol=BTC&window=15m");
    const { estimate } = body.data;
    expect([estimate.start_time, estimate.end_time]).toEqual([SETTLED - 15 * MINUTE_MS, SETTLED]);
    expect(estimate.sides.long).toEqual({
      reported_usd: 30_000,
      estimated_usd: 37_500,
      low_usd: 33_000,
      high_usd: 45_000,
      reported_events: 300,
      estimated_events: 472.5,
      method: "complete.v1+largest_per_second.v1",
      status: "experimental",
      reason: expect.stringMatching(/^no second complete venue to test it on; a venue that shows a sample, .* reported nothing/),
    });
    expect(estimate.sides.total).toEqual(estimate.sides.long);
    expect(estimate.exchanges.binance).toMatchObject({ reported_usd: 15_000, estimated_usd: 22_500, status: "experimental" });
    expect(estimate.exchanges.bybit).toMatchObject({ reported_usd: 15_000, estimated_usd: 15_000, status: "validated", reason: null });
  });

  test("has no number where a part is withheld, where a venue had a gap, and where nothing was estimated lately", async () => {
    await storeLiquidations();
    const numberless = { estimated_usd: null, low_usd: null, high_usd: null, estimated_events: null, status: "withheld" };
    const never = (await get("/v1/stats?symbol=BTC&window=15m")).body.data.estimate;
    expect(never).toMatchObject({
      start_time: null,
      end_time: null,
      sides: { total: { ...numberless, reason: expect.stringContaining("no minute") } },
    });

    await plantEstimates(FROM, 120, new Map([["BTC", [planted(), WITHHELD]]]));
    const { sides, exchanges } = (await get("/v1/stats?symbol=BTC&window=5m")).body.data.estimate;
    expect(sides.short).toEqual({
      ...numberless,
      reported_usd: 2_000,
      reported_events: 20,
      method: WITHHELD.method,
      reason: WITHHELD.reason,
    });
    expect(sides.total).toMatchObject({ ...numberless, reported_usd: 7_000 });
    expect(sides.long).toMatchObject({ estimated_usd: 7_500 });
    expect(exchanges.okx).toMatchObject({ ...numberless, reason: WITHHELD.reason });

    const gap = { exchange: "binance", from_time: SETTLED - 2 * MINUTE_MS, to_time: SETTLED - MINUTE_MS, reason: "silent" } as const;
    await d1Sink.writeNotes?.(env, { exchange: "binance", gaps: [gap], minuteMarks: [] });
    const gapped = (await get("/v1/stats?symbol=BTC&window=5m")).body.data.estimate;
    expect(gapped.exchanges.binance).toMatchObject({ ...numberless, reported_usd: 5_000, reason: expect.stringContaining("gap") });

    const late = (await apiClient(NOW + HOUR_MS)("/v1/stats?symbol=BTC&window=5m")).body.data.estimate;
    expect(late).toMatchObject({
      start_time: null,
      sides: { total: { ...numberless, reason: expect.stringContaining("has been estimated yet") } },
    });
  });
});

test("of a range in which estimates began, or that has lost minutes, the last part is estimated, with its times and its own reports", async () => {
  await storeLiquidations();
  await plantEstimates(FROM, 120, new Map([["BTC", [planted(), COMPLETE]]]));
  const whole = await estimateOfDay();
  expect(whole).toMatchObject({
    start_time: FROM,
    end_time: SETTLED,
    sides: { total: { reported_usd: 240_000, estimated_usd: 300_000, status: "experimental" } },
  });
  const lost = SETTLED - 30 * MINUTE_MS;
  await writeMinuteEstimates(env.DB, [{ time: lost, estimates: null }], { from: FROM, settled: SETTLED });
  expect(await estimateOfDay()).toMatchObject({
    start_time: lost + MINUTE_MS,
    sides: { total: { reported_usd: 58_000, estimated_usd: 72_500 } },
  });
  await writeMinuteEstimates(env.DB, [{ time: SETTLED - MINUTE_MS, estimates: null }], { from: FROM, settled: SETTLED });
  // Where the last minute is lost, the estimate is of those before it: nobody measured a zero.
  expect(await estimateOfDay()).toMatchObject({
    start_time: lost + MINUTE_MS,
    end_time: SETTLED - MINUTE_MS,
    sides: { total: { reported_usd: 56_000, estimated_usd: 70_000 } },
  });
  const tail = Array.from({ length: 28 }, (_, index) => ({ time: SETTLED - (index + 1) * MINUTE_MS, estimates: null }));
  await writeMinuteEstimates(env.DB, tail, { from: FROM, settled: SETTLED });
  // What ended over half an hour ago would be taken for one of now.
  expect(await estimateOfDay()).toMatchObject({
    start_time: null,
    sides: { total: { estimated_usd: null, status: "withheld", reason: expect.stringMatching(/^no minute after .* could be estimated$/) } },
  });
});

test("a step of totals without an estimate has what was reported in it", async () => {
  await storeLiquidations();
  await plantEstimates(FROM, 120, new Map([["BTC", [planted()]]]));
  const minute = NOW - 20_000 - 10 * MINUTE_MS;
  await writeMinuteEstimates(env.DB, [{ time: minute, estimates: null }], { from: FROM, settled: SETTLED });
  for (const interval of ["1m", "1h"]) {
    const [step] = (await get(`/v1/totals?symbol=BTC&interval=${interval}&estimate=true`)).body.data;
    const { reported_usd: reported, estimated_usd: estimated, status } = step.estimate.sides.long;
    expect([status, estimated, reported]).toEqual(["withheld", null, step.sides.long.usd]);
    expect(step.estimate.exchanges.okx.reported_usd).toBe(step.exchanges.okx.long.usd);
  }
});

describe("GET /v1/cross-exchange", () => {
  test("has each venue's estimate, and no number of a venue whose estimate is withheld", async () => {
    await storeLiquidations();
    await plantEstimates(FROM, 120, new Map([["BTC", [planted(), WITHHELD]]]));
    const { data } = (await get("/v1/cross-exchange?symbol=BTC&hours=1")).body;
    const of = (name: string) => data.exchanges.find(({ exchange }: { exchange: string }) => exchange === name).estimate;
    expect(of("binance")).toMatchObject({
      reported_usd: 60_000,
      estimated_usd: 90_000,
      low_usd: 72_000,
      high_usd: 120_000,
      status: "experimental",
    });
    expect(of("okx")).toMatchObject({ reported_usd: 24_000, estimated_usd: null, status: "withheld", reason: WITHHELD.reason });
    expect(data.estimate).toMatchObject({
      start_time: SETTLED - HOUR_MS,
      end_time: SETTLED,
      total: { reported_usd: 84_000, estimated_usd: null },
    });

    const without = await apiClient(NOW, { LIQUIDATION_EXCHANGES: "binance" })("/v1/cross-exchange?symbol=BTC&hours=1");
    const left = without.body.data.exchanges.find(({ exchange }: { exchange: string }) => exchange === "okx");
    expect(left.estimate).toMatchObject({ estimated_usd: null, status: "withheld", reason: "okx is not collected any more" });
  });
});

const estimateOfCascade = async () => (await get("/v1/cascades/BTC-long-1")).body.data.estimate;

const withheldCascade = (reason: string) => ({
  start_time: null,
  end_time: null,
  total: { estimated_usd: null, status: "withheld", reason: expect.stringContaining(reason) },
});

/** A long cascade of 90 s, 5 s into a minute of the estimates. */
async function storeCascade(): Promise<number> {
  const start = SETTLED - 30 * MINUTE_MS + 5_000;
  const record = sampleCascade(start, { cascade_id: "BTC-long-1", position_side: "long", start_time: start, end_time: start + 90_000 });
  const columns = Object.keys(record);
  await env.DB.prepare(
    `INSERT INTO cascades (${columns.join(", ")}, updated_time) SELECT ${columns.map((name) => `?1 ->> '$.${name}'`).join(", ")}, ?2`,
  )
    .bind(JSON.stringify(record), NOW)
    .run();
  return start - 5_000;
}

test("a cascade has the estimate of its own side over the minutes in which it ran", async () => {
  const minute = await storeCascade();
  await plantEstimates(FROM, 120, new Map([["BTC", [planted(), COMPLETE, WITHHELD]]]));
  expect(await estimateOfCascade()).toMatchObject({
    start_time: minute,
    end_time: minute + 2 * MINUTE_MS,
    total: { reported_usd: 4_000, estimated_usd: 5_000, low_usd: 4_400, high_usd: 6_000, status: "experimental" },
  });
});

test("a cascade of which a minute is lost, or ran before estimates began, has no estimate: that of the rest would stand for it", async () => {
  const minute = await storeCascade();
  await plantEstimates(minute + MINUTE_MS, 29, new Map([["BTC", [planted(), COMPLETE]]]));
  expect(await estimateOfCascade()).toMatchObject(withheldCascade("estimates began later"));
  await env.DB.prepare("UPDATE job_progress SET done_time = ?1 WHERE job = 'estimates:from'").bind(FROM).run();
  await plantEstimates(FROM, 120, new Map([["BTC", [planted(), COMPLETE]]]));
  expect(await estimateOfCascade()).toMatchObject({ start_time: minute, end_time: minute + 2 * MINUTE_MS });
  const partial = { ...(await estimateOfCascade()), start_time: minute + MINUTE_MS, stored_time: NOW };
  for (const lost of [minute, minute + MINUTE_MS]) {
    await writeMinuteEstimates(env.DB, [{ time: lost, estimates: null }], { from: FROM, settled: SETTLED });
    expect(await estimateOfCascade()).toMatchObject(withheldCascade("gone before"));
    await plantEstimates(FROM, 120, new Map([["BTC", [planted(), COMPLETE]]]));
  }

  // One that was stored of a part of the minutes is not read.
  await storeCascadeEstimate(env.DB, "BTC-long-1", partial);
  expect(await estimateOfCascade()).toMatchObject({ start_time: minute, stored_time: null });
  const stored = { ...partial, start_time: null, end_time: null };
  await storeCascadeEstimate(env.DB, "BTC-long-1", stored);
  expect(await estimateOfCascade()).toEqual(stored);
});

test("a model reads the estimate, its method and its status in the answers of its tools", async () => {
  await storeLiquidations();
  await plantEstimates(FROM, 120, new Map([["BTC", [planted()]]]));
  const mcp = mcpClient(NOW);
  const { structuredContent: stats } = await mcp.call("get_stats", { symbol: "BTC", window: "15m" });
  expect(stats.data.estimate.sides.long).toMatchObject({ estimated_usd: 22_500, method: "largest_per_second.v1", status: "experimental" });
  const { structuredContent: compared } = await mcp.call("get_cross_exchange", { symbol: "BTC", hours: 1 });
  expect(compared.data.estimate.total).toMatchObject({ reported_usd: 60_000, estimated_usd: 90_000 });
});
