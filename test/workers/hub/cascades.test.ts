import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { ExchangeName, Liquidation } from "../../../src/liquidation.ts";
import { parseConfig } from "../../../src/config.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { apiClient } from "../api/api-client.ts";
import { sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { until } from "../until.ts";

const START = Date.now() - 90_000;
const VENUES: readonly ExchangeName[] = ["bybit", "okx", "binance"];

/** 45 s of long liquidations: Bybit first, OKX 2.4 s and Binance 5 s behind, the mark 3 % down. */
function cascade(): readonly Liquidation[] {
  return Array.from({ length: 90 }, (_, n) => {
    const exchange = VENUES[n % 3] ?? "bybit";
    const time = START + ([0, 2_400, 5_000][n % 3] ?? 0) + Math.floor(n / 3) * 1_300;
    const mark = 2_700 * (1 - (0.03 * n) / 90);
    return sampleLiquidation({
      event_id: `${exchange}:${n}`,
      exchange,
      symbol: "ETH",
      event_time: time,
      received_time: time + 50,
      usd_value: 40_000,
      mark_price: mark,
      volatility_5m: 0.001,
    });
  }).toSorted((a, b) => a.received_time - b.received_time);
}

test("the hub answers events with what all venues say, and the API tells the cascade it saw", async () => {
  const hub = env.MARKET_HUB.getByName("hub");
  const events = cascade();
  const answers = await hub.observe(events);
  expect(await hub.observe(events), "an event offered again gets the same answer").toEqual(answers);
  const firstOkx = events.findIndex(({ exchange }) => exchange === "okx");
  expect(answers[firstOkx]).toMatchObject({ cross_exchange_lag_ms: 2_400, lag_resolution_ms: 1_500, concurrent_exchanges: 2 });
  expect(answers.at(-1)?.cum_usd_1m).toBeCloseTo(90 * 40_000);
  expect(answers.at(-1)?.cascade_id).toMatch(/^ETH-long-/);

  const stored = events.map((event, index) => ({ ...event, ...answers[index] }));
  for (const exchange of VENUES) {
    await d1Sink.write(
      env,
      parseConfig({}),
      sampleBatch(
        stored.filter((row) => row.exchange === exchange),
        exchange,
      ),
    );
  }
  const get = apiClient(Date.now());
  await until("the cascade in D1", async () => {
    await runDurableObjectAlarm(hub);
    return (await get("/v1/cascades?threshold_usd=0")).body.data.length === 1;
  });
  const { body } = await get("/v1/cascades?symbol=ETH");
  expect(body.data[0]).toMatchObject({
    symbol: "ETH",
    position_side: "long",
    start_time: START,
    first_exchange: "bybit",
    exchanges: ["binance", "bybit", "okx"],
    events: 90,
    usd: 3_600_000,
    market_wide: false,
  });
  expect(body.data[0].move_bps).toBeGreaterThan(280);
  expect((await get("/v1/cascades?symbol=ETH&threshold_usd=4000000")).body.data).toEqual([]);
  expect((await get("/v1/cascades?symbol=BTC")).body.data).toEqual([]);

  const cross = (await get("/v1/cross-exchange?symbol=ETH&hours=1")).body.data;
  expect(cross).toMatchObject({ shared_bursts: 1 });
  expect(cross.hhi).toBeCloseTo(1 / 3);
  const standing = (name: string) => cross.exchanges.find(({ exchange }: { exchange: string }) => exchange === name);
  expect(standing("bybit")).toMatchObject({ first_mover_count: 1, followed_count: 0, median_lag_ms: -2_400, events: 30, usd: 1_200_000 });
  expect(standing("okx")).toMatchObject({ median_lag_ms: 2_400, lag_resolution_ms: 1_500 });
  expect(standing("binance")).toMatchObject({ median_lag_ms: 5_000, lag_resolution_ms: 1_500 });
});

test("bad parameters are named", async () => {
  const get = apiClient(Date.now());
  const problems = await Promise.all(
    ["/v1/cascades?state=building", "/v1/cascades?threshold_usd=-1", "/v1/cross-exchange", "/v1/cross-exchange?symbol=ETH&hours=25"].map(
      (path) => get(path),
    ),
  );
  expect(problems.map(({ status, body }) => [status, body.errors[0].parameter])).toEqual([
    [400, "state"],
    [400, "threshold_usd"],
    [400, "symbol"],
    [400, "hours"],
  ]);
});

test("a cascade that begins with a late event counts what was received before it, each event once", async () => {
  const hub = env.MARKET_HUB.getByName("another");
  const events = cascade().map((event) => ({ ...event, symbol: "SOL" }));
  // OKX's frames come three seconds late, so that newer events of the others are known when one of them is.
  const delayed = events
    .map((event) => (event.exchange === "okx" ? { ...event, received_time: event.event_time + 3_000 } : event))
    .toSorted((a, b) => a.received_time - b.received_time);
  for (const event of delayed) await hub.observe([event]);
  const record = (await hub.running()).find(({ symbol }) => symbol === "SOL");
  expect(record).toMatchObject({ events: 90, usd: 3_600_000, first_exchange: "bybit" });
});

test("a late liquidation changes the stored record of a cascade that has ended", async () => {
  const hub = env.MARKET_HUB.getByName("third");
  const events = cascade().map((event) => ({
    ...event,
    symbol: "BTC",
    event_time: event.event_time - 200_000,
    received_time: event.received_time - 200_000,
  }));
  for (const event of events) await hub.observe([event]);
  const get = apiClient(Date.now());
  const stored = async () => {
    await runDurableObjectAlarm(hub);
    return (await get("/v1/cascades?symbol=BTC")).body.data[0];
  };
  await until("its end in D1", async () => (await stored())?.state === "ended");
  const size = { usd_value: 5_000_000, notional_mark_usd: 5_000_000 };
  const late = sampleLiquidation({ ...events[40], ...size, event_id: "late", received_time: Date.now() });
  await hub.observe([late]);
  await until("the late liquidation in it", async () => (await stored()).events === 91);
  const record = await stored();
  expect(record).toMatchObject({ state: "ended", usd: 8_600_000 });
  expect(record.peak_usd_per_s).toBeGreaterThanOrEqual(5_000_000);
});
