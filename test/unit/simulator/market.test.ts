import { expect, test } from "vitest";
import type { CascadeScript } from "../../../scripts/simulator/cascade-script.ts";
import { LIQUIDATING_EXCHANGES } from "../../../scripts/simulator/liquidating-exchanges.ts";
import type { MarketOptions } from "../../../scripts/simulator/market.ts";
import { Market } from "../../../scripts/simulator/market.ts";

const START = Date.UTC(2026, 10, 22, 12, 0, 0);
const MINUTE = 60_000;

function marketOf(options: Partial<MarketOptions> = {}): Market {
  return new Market({ seed: 7, rate: 20, startTime: START, ...options });
}

const cascade: CascadeScript = {
  startAfterMs: 10_000,
  symbol: "ETH",
  side: "long",
  venues: [
    { exchange: "okx", delayMs: 1500 },
    { exchange: "bybit", delayMs: 0 },
  ],
  usd: 3_000_000,
  durationMs: 20_000,
  movePct: 2,
  eventsPerVenue: 25,
};

test("the same seed gives the same liquidations and prices, however often the clock ticks", () => {
  const often = marketOf();
  const rarely = marketOf();
  const events = Array.from({ length: MINUTE / 37 }, (_, tick) => often.tick(START + (tick + 1) * 37)).flat();
  events.push(...often.tick(START + MINUTE));
  expect(events).toEqual(rarely.tick(START + MINUTE));
  expect(events.length).toBeGreaterThan(100);
  expect(often.quote("BTC")).toEqual(rarely.quote("BTC"));
});

test("another seed gives other liquidations", () => {
  expect(marketOf().tick(START + MINUTE)).not.toEqual(marketOf({ seed: 8 }).tick(START + MINUTE));
});

test("liquidations come in order of time, each within the stretch that was asked for", () => {
  const market = marketOf();
  market.tick(START + 5000);
  const times = market.tick(START + 10_000).map((event) => event.time);
  expect(times).toEqual(times.toSorted((left, right) => left - right));
  expect(Math.min(...times)).toBeGreaterThan(START + 5000);
  expect(Math.max(...times)).toBeLessThanOrEqual(START + 10_000);
});

test("the long-run rate is the one asked for", () => {
  const seconds = 3600;
  const events = marketOf({ rate: 5 }).tick(START + seconds * 1000);
  // The count of a Hawkes process has a variance of mean / (1 - branching)^2; five standard deviations.
  const deviation = Math.sqrt(5 * seconds) * 2;
  expect(Math.abs(events.length - 5 * seconds)).toBeLessThan(5 * deviation);
});

test("liquidations excite others: their counts vary far more than independent ones would", () => {
  const events = marketOf({ rate: 5, branching: 0.7 }).tick(START + 3_600_000);
  const counts = new Map<number, number>();
  for (const { time } of events)
    counts.set(Math.floor((time - START) / MINUTE), (counts.get(Math.floor((time - START) / MINUTE)) ?? 0) + 1);
  const values = [...counts.values()];
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  expect(variance / mean).toBeGreaterThan(2);
});

test("KuCoin is never given a liquidation, the other venues are, by their shares", () => {
  const venues = Map.groupBy(marketOf({ shares: { okx: 0 } }).tick(START + 10 * MINUTE), (event) => event.exchange);
  expect([...venues.keys()].toSorted()).toEqual(LIQUIDATING_EXCHANGES.filter((name) => name !== "okx").toSorted());
});

test("a cascade begins on each venue at exactly its delay and sums to its size", () => {
  const market = marketOf({ rate: 0 });
  const placed = market.schedule(cascade);
  const events = market.tick(START + MINUTE);
  expect(placed).toMatchObject({ startTime: START + 10_000, endTime: START + 31_500, firstExchange: "bybit" });
  expect(events.find((event) => event.exchange === "bybit")?.time).toBe(START + 10_000);
  expect(events.find((event) => event.exchange === "okx")?.time).toBe(START + 11_500);
  expect(events).toHaveLength(50);
  expect(events.reduce((sum, event) => sum + event.usd, 0)).toBeCloseTo(3_000_000, 3);
  expect(new Set(events.map((event) => `${event.symbol} ${event.side}`))).toEqual(new Set(["ETH long"]));
});

test("a cascade of longs moves the price down by its percentage against the same market without it", () => {
  const plain = marketOf({ rate: 0 });
  const moved = marketOf({ rate: 0 });
  moved.schedule(cascade);
  const at = (ms: number) => {
    plain.tick(START + ms);
    moved.tick(START + ms);
    return moved.quote("ETH").mark / plain.quote("ETH").mark;
  };
  expect(at(10_000)).toBeCloseTo(1, 9);
  expect(at(20_000)).toBeCloseTo(0.9899, 3);
  expect(at(31_000)).toBeCloseTo(0.98, 9);
  expect(moved.quote("BTC")).toEqual(plain.quote("BTC"));
});

test("a cascade without a venue, on KuCoin or in an unknown coin is refused", () => {
  const market = marketOf();
  expect(() => market.schedule({ ...cascade, venues: [] })).toThrow("at least one venue");
  expect(() => market.schedule({ ...cascade, venues: [{ exchange: "kucoin", delayMs: 0 }] })).toThrow("kucoin publishes no liquidations");
  expect(() => market.schedule({ ...cascade, symbol: "LUNA" })).toThrow("LUNA is not traded here");
});

test("what is closed on a venue leaves its open interest, there alone, and is opened again within hours", () => {
  const market = marketOf({ rate: 0 });
  const at = (exchange: "binance" | "bybit") => market.on(exchange).quote("ETH").openInterest;
  const before = at("binance");
  const { mark } = market.quote("ETH");
  market.on("binance").close({ symbol: "ETH", usd: 4_000_000, mark, copies: 2 });
  expect(((before - at("binance")) * mark) / 8_000_000).toBeCloseTo(1, 2);
  expect(at("bybit")).toBe(before);
  market.tick(START + 10 * MINUTE);
  expect(((at("bybit") - at("binance")) * mark) / 4_000_000).toBeCloseTo(1, 2);
  for (let one = 0; one < 1_000; one += 1) market.on("binance").close({ symbol: "ETH", usd: 50_000_000, mark, copies: 1 });
  expect(at("binance")).toBeGreaterThan(0);
});
