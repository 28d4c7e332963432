import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { FIT_VERSION, type EstimateFit } from "../../../src/estimates/fit.ts";
import { sizeDistribution } from "../../../src/estimates/size-distribution.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { estimates } from "../../../workers/cron/estimates.ts";
import { saveFits } from "../../../workers/d1/estimate-fits.ts";
import { readEstimateReach, readEstimates } from "../../../workers/d1/estimate-reads.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { emptyStorage } from "../empty-storage.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";

afterEach(emptyStorage);

const SIGNATURE = { seconds: 1_000, surplus: 0, rank: { value: 0.57, error: 0.01 }, echo: { value: 0.2, error: 0.02 } };
const LEVEL = { usd: 2, events: 2, low: 0, high: 5, minutes: 500 };
const FIT: EstimateFit = {
  version: FIT_VERSION,
  symbol: "",
  range: { start: DAY - 14 * 24 * HOUR_MS, end: DAY },
  days: 14,
  fit_exchange: "bybit",
  test_exchange: "gate",
  throttles: {
    largest: {
      sizes: sizeDistribution(Array.from({ length: 500 }, (_, index) => 10 ** (index / 125 - 2))),
      shape: 1e6,
      calibration: Array.from({ length: 6 }, () => LEVEL),
      signature: SIGNATURE,
      evaluation: null,
      status: "validated",
      reason: null,
    },
  },
  venues: {
    binance: {
      throttle: "largest",
      scale: { median: 1_000, contracts: {} },
      rho: null,
      rho_exchanges: [],
      signature: SIGNATURE,
      status: "validated",
      reason: null,
    },
  },
  reason: null,
};

function second(index: number, changes: Partial<Liquidation> = {}): Liquidation {
  const event_time = DAY + 10 * MINUTE_MS + index * 1_000;
  return sampleLiquidation({
    event_id: `${changes.exchange ?? "binance"}${index}`,
    event_time,
    usd_value: 5_000,
    notional_mark_usd: null,
    ...changes,
  });
}

async function write(rows: readonly Liquidation[], exchange: "binance" | "bybit" | "htx"): Promise<void> {
  await d1Sink.write(
    env,
    parseConfig({}),
    sampleBatch(
      rows.map((row) => ({ ...row, exchange })),
      exchange,
    ),
  );
}

const RANGE = { start: DAY + 10 * MINUTE_MS, end: DAY + 11 * MINUTE_MS };
const read = (exchanges: readonly ("binance" | "bybit" | "htx")[]) => readEstimates(env.DB, { range: RANGE, symbols: ["BTC"], exchanges });

test("settled minutes are estimated with the fit, and hours add their minutes with what arrived late", async () => {
  await write(
    Array.from({ length: 30 }, (_, index) => second(2 * index)),
    "binance",
  );
  await write([second(3)], "bybit");
  await write([second(4, { exchange: "htx" })], "htx");
  await saveFits(env.DB, [FIT], DAY);
  // The first run takes the last five settled minutes.
  expect(await estimates(env.DB, DAY + 18 * MINUTE_MS)).toEqual({ minutes: 5, lost: 0, hours: 0 });
  expect(await estimates(env.DB, DAY + 19 * MINUTE_MS)).toEqual({ minutes: 0, lost: 0, hours: 0 });
  const binance = await read(["binance"]);
  expect(binance.total).toMatchObject({ reported_usd: 150_000, reported_events: 30, status: "validated", method: "largest_per_second.v1" });
  expect(binance.total.estimated_usd).toBeGreaterThan(155_000);
  expect(binance.total.high_usd).toBeGreaterThan(binance.total.estimated_usd ?? 0);
  expect(binance.total.estimated_events).toBeGreaterThan(35);
  expect((await read(["bybit"])).total).toMatchObject({ estimated_usd: 5_000, method: "complete.v1", status: "validated" });
  expect((await read(["htx"])).total).toMatchObject({ estimated_usd: 5_000, method: "reported_only.v1", status: "experimental" });

  await write([second(5, { event_id: "late" })], "bybit");
  for (let minutes = 23; minutes <= 85; minutes += 5) await estimates(env.DB, DAY + minutes * MINUTE_MS);
  expect(await readEstimateReach(env.DB)).toMatchObject({ hours: DAY + HOUR_MS, settled: DAY + 80 * MINUTE_MS });
  expect((await read(["bybit"])).total).toMatchObject({ reported_usd: 10_000, estimated_usd: 10_000 });
  const blocks = await env.DB.prepare("SELECT step_ms, count(*) AS n FROM estimate_blocks GROUP BY step_ms").all();
  expect(blocks.results).toEqual([
    { step_ms: MINUTE_MS, n: 1 },
    { step_ms: HOUR_MS, n: 1 },
  ]);
});

test("without a fit, or where several come in one second, nothing is published, and gone events are lost", async () => {
  await write(
    Array.from({ length: 10 }, (_, index) => second(Math.floor(index / 2), { event_id: `double${index}` })),
    "binance",
  );
  await estimates(env.DB, DAY + 18 * MINUTE_MS);
  expect((await read(["binance"])).total).toMatchObject({
    reported_events: 10,
    estimated_usd: null,
    reason: "the model has not been fitted yet",
  });
  await saveFits(env.DB, [FIT], DAY);
  await env.DB.prepare("UPDATE job_progress SET done_time = ?1 WHERE job = 'estimates'").bind(RANGE.start).run();
  await estimates(env.DB, DAY + 18 * MINUTE_MS);
  expect((await read(["binance"])).total).toMatchObject({
    estimated_usd: null,
    reason: expect.stringContaining("throttle is not the documented"),
  });
  await env.DB.prepare("UPDATE hot_events SET from_time = ?1")
    .bind(DAY + 30 * MINUTE_MS)
    .run();
  expect(await estimates(env.DB, DAY + 38 * MINUTE_MS)).toMatchObject({ minutes: 20, lost: 18 });
  const lost = { start: DAY + 20 * MINUTE_MS, end: DAY + 21 * MINUTE_MS };
  expect((await readEstimates(env.DB, { range: lost, symbols: null, exchanges: ["binance"] })).total).toMatchObject({
    estimated_usd: null,
    reason: expect.stringContaining("gone before"),
  });
});
