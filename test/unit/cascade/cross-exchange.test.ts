import { expect, test } from "vitest";
import { crossExchange } from "../../../src/cascade/cross-exchange.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";

const RESOLUTION: Record<ExchangeName, number> = { binance: 1_000, bybit: 500, okx: 1_000, kucoin: 1_000, bitfinex: 1_000 };
const resolution = (exchange: ExchangeName): number => RESOLUTION[exchange];
const totals = (exchange: ExchangeName, usd: number | null) => ({ exchange, events: 1, usd, notional_mark_usd: usd });
const entry = (burst: string, exchange: ExchangeName, first_time: number) => ({ burst, exchange, first_time });

test("shares, concentration, first movers and lags of hand-made bursts", () => {
  const entries = [
    entry("long1", "bybit", 1_000),
    entry("long1", "okx", 3_400),
    entry("long1", "binance", 6_000),
    entry("long2", "bybit", 50_000),
    entry("long2", "okx", 50_600),
    entry("short1", "okx", 9_000),
    entry("short1", "bybit", 9_200),
  ];
  const result = crossExchange([totals("bybit", 600), totals("okx", 300), totals("binance", 100)], entries, resolution);
  expect(result.shared_bursts).toBe(3);
  expect(result.hhi).toBeCloseTo(0.36 + 0.09 + 0.01);
  expect(result.dominant_exchange).toBe("bybit");
  expect(result.exchanges).toMatchObject([
    { exchange: "bybit", share: 0.6, first_mover_count: 2, followed_count: 1, median_lag_ms: 200, lag_resolution_ms: 1_500 },
    { exchange: "okx", share: 0.3, first_mover_count: 1, followed_count: 2, median_lag_ms: 1_500, lag_resolution_ms: 1_500 },
    { exchange: "binance", share: 0.1, first_mover_count: 0, followed_count: 1, median_lag_ms: 5_000, lag_resolution_ms: 1_500 },
  ]);
});

test("venues that begin in the same millisecond have no first mover", () => {
  const result = crossExchange([totals("bybit", 1), totals("okx", 1)], [entry("a", "bybit", 5), entry("a", "okx", 5)], resolution);
  expect(result.exchanges.map(({ first_mover_count }) => first_mover_count)).toEqual([0, 0]);
  expect(result.exchanges.find(({ followed_count }) => followed_count === 1)?.median_lag_ms).toBe(0);
});

test("without a known value there is no share, no concentration and nobody dominant", () => {
  const result = crossExchange([totals("bybit", null)], [], resolution);
  expect(result).toMatchObject({ hhi: null, dominant_exchange: null, shared_bursts: 0, exchanges: [{ share: null, median_lag_ms: null }] });
});
