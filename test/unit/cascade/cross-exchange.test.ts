import { expect, test } from "vitest";
import { crossExchange } from "../../../src/cascade/cross-exchange.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";

const resolution = (exchange: ExchangeName): number => (exchange === "bybit" ? 500 : 1_000);
const totals = (exchange: ExchangeName, usd: number | null) => ({
  exchange,
  events: 1,
  events_without_notional_mark: usd === null ? 1 : 0,
  // Of another kind of price on every venue, so that no share can come from it.
  usd: 7,
  notional_mark_usd: usd,
});
const gap = (exchange: ExchangeName, from_time: number, to_time: number | null) => ({
  gaps: [{ exchange, from_time, to_time, reason: "silent" as const }],
});
const connected = { gaps: [], knownFrom: Number.NEGATIVE_INFINITY, quietMs: 10_000 };
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
  const result = crossExchange([totals("bybit", 600), totals("okx", 300), totals("binance", 100)], entries, resolution, connected);
  expect(result.shared_bursts).toBe(3);
  expect(result.hhi).toBeCloseTo(0.36 + 0.09 + 0.01);
  expect(result.dominant_exchange).toBe("bybit");
  expect(result.exchanges).toMatchObject([
    { exchange: "bybit", share: 0.6, first_mover_count: 2, followed_count: 1, median_lag_ms: -600, lag_resolution_ms: 1_500 },
    { exchange: "okx", share: 0.3, first_mover_count: 1, followed_count: 2, median_lag_ms: 600, lag_resolution_ms: 1_500 },
    { exchange: "binance", share: 0.1, first_mover_count: 0, followed_count: 1, median_lag_ms: 5_000, lag_resolution_ms: 1_500 },
  ]);
});

test("every two venues are compared over the bursts that both joined, by the sum of their resolutions", () => {
  const entries = [
    entry("a", "bybit", 1_000),
    entry("a", "okx", 3_400),
    entry("a", "binance", 6_000),
    entry("b", "bybit", 50_000),
    entry("b", "okx", 49_900),
    entry("c", "okx", 9_000),
    entry("c", "bybit", 9_000),
    entry("d", "okx", 99_000),
  ];
  const venues = [totals("bybit", 1), totals("okx", 1), totals("binance", 1), totals("gate", 1)];
  const { pairs } = crossExchange(venues, entries, resolution, connected);
  const fields = { shared_bursts: 1, first_count: 1, other_first_count: 0 };
  expect(pairs).toEqual([
    {
      exchange: "bybit",
      other_exchange: "okx",
      shared_bursts: 3,
      first_count: 1,
      other_first_count: 1,
      median_lag_ms: 0,
      lag_resolution_ms: 1_500,
    },
    { exchange: "bybit", other_exchange: "binance", ...fields, median_lag_ms: -5_000, lag_resolution_ms: 1_500 },
    { exchange: "okx", other_exchange: "binance", ...fields, median_lag_ms: -2_600, lag_resolution_ms: 2_000 },
  ]);
  expect(crossExchange(venues, entries, resolution, { ...connected, knownFrom: 1_000_000 }).pairs).toEqual([]);
});

test("venues that begin in the same millisecond have no first mover", () => {
  const result = crossExchange(
    [totals("bybit", 1), totals("okx", 1)],
    [entry("a", "bybit", 5), entry("a", "okx", 5)],
    resolution,
    connected,
  );
  expect(result.exchanges.map(({ first_mover_count }) => first_mover_count)).toEqual([0, 0]);
  expect(result.exchanges.find(({ followed_count }) => followed_count === 1)?.median_lag_ms).toBe(0);
});

test("without a known value there is no share, no concentration and nobody dominant", () => {
  const result = crossExchange([totals("bybit", null)], [], resolution, connected);
  expect(result).toMatchObject({ hhi: null, dominant_exchange: null, shared_bursts: 0, exchanges: [{ share: null, median_lag_ms: null }] });
});

test("a venue whose notional is unknown leaves the concentration unknown, and the others without its part", () => {
  const result = crossExchange([totals("bybit", 600), totals("okx", null)], [], resolution, connected);
  expect(result).toMatchObject({ hhi: null, dominant_exchange: null, exchanges: [{ share: 1 }, { share: null }] });
});

test("nobody is first in a burst that a venue compared may have missed the beginning of", () => {
  const venues = [totals("bybit", 1), totals("okx", 1), totals("binance", 1)];
  const burst = [entry("a", "bybit", 100_000), entry("a", "okx", 102_000)];
  const counts = (known: object) => {
    const { shared_bursts, bursts_not_covered, exchanges } = crossExchange(venues, burst, resolution, { ...connected, ...known });
    return [shared_bursts, bursts_not_covered, exchanges[0]?.first_mover_count, exchanges[1]?.median_lag_ms];
  };
  const covered = [1, 0, 1, 2_000];
  const missed = [0, 1, 0, null];
  expect(counts({})).toEqual(covered);
  expect(counts(gap("binance", 101_000, 101_500))).toEqual(missed);
  expect(counts(gap("okx", 50_000, 90_001))).toEqual(missed);
  expect(counts(gap("okx", 102_000, null))).toEqual(missed);
  expect(counts(gap("okx", 50_000, 90_000))).toEqual(covered);
  expect(counts(gap("okx", 102_001, null))).toEqual(covered);
  // A venue without an event in the range is not compared, so its gap hides nothing that is said.
  expect(counts(gap("kucoin", 0, null))).toEqual(covered);
  expect(counts({ knownFrom: 100_000 })).toEqual(missed);
});
