import { CascadeMachine } from "../../src/cascade/cascade-machine.ts";
import { CrossVenueState } from "../../src/cascade/cross-venue-state.ts";
import { completeLiquidation } from "../../src/complete-liquidation.ts";
import { exchanges } from "../../src/exchanges/registry.ts";
import { venueLiquidation } from "../../src/exchanges/decoding/venue-liquidation.ts";
import type { BookLevel, Instrument } from "../../src/exchanges/exchange.ts";
import type { ExchangeName, Liquidation } from "../../src/liquidation.ts";
import { MarketContext, marketFields } from "../../src/market/market-context.ts";
import { SideBaseline } from "../../src/quantiles/side-baseline.ts";
import { table } from "../table.ts";
import { memoryUsed } from "./memory-used.ts";

const START = 1_790_000_000_000;
const EVENTS_PER_SECOND = 1_000;
const SECONDS = 900;
const MEASURED = 5_000;
const WARM_UP = 5_000;
const EVENTS_PER_CALL = 50;
const VENUES: readonly ExchangeName[] = ["binance", "bybit", "okx", "bitfinex"];

/** How a burst is spread: over three symbols and both sides, or all on one. */
const BURSTS: readonly { readonly name: string; readonly symbols: readonly string[]; readonly bothSides: boolean }[] = [
  { name: "3 symbols, both sides", symbols: ["BTC", "ETH", "SOL"], bothSides: true },
  { name: "one symbol, one side", symbols: ["BTC"], bothSides: false },
];

type Burst = (typeof BURSTS)[number];

/**
 * What enriching one liquidation costs, with 15 minutes of a burst of 1,000 events/s in state: its market fields from a
 * book that changed since the last event, its cross-venue fields and the cascade machine. Heap is what the hub's state
 * holds after a collection.
 */
export async function benchEnrichment(print: (line: string) => void): Promise<void> {
  const rows = BURSTS.map((burst) => {
    const before = memoryUsed();
    const hub = newHub();
    fill(hub, burst);
    const heap = memoryUsed() - before;
    const costs = measure(hub, burst);
    const at = (share: number) => costs[Math.floor(share * (costs.length - 1))] ?? 0;
    const ratio = at(0.5) / parseCost(burst);
    return [burst.name, String(hub.size), at(0.5).toFixed(1), at(0.99).toFixed(1), ratio.toFixed(1), (heap / 1e6).toFixed(1)];
  });
  print(`Enrichment: µs per event over ${MEASURED} events, with ${SECONDS} s of ${EVENTS_PER_SECOND} events/s in state`);
  print(table(["burst", "events held", "median µs", "p99 µs", "median ÷ JSON.parse", "heap MB"], rows));
  print("JSON.parse: of the very events, measured after each burst, since microseconds say little on a busy machine");
  print("Aim: median under 50 µs, p99 under 1,000 µs, heap under 64 MB");
}

function newHub(): CrossVenueState {
  const past = weekOfMinutes();
  const baseline = {
    velocity: (value: number) => past.velocity(value),
    cumUsd5m: (value: number) => past.cumUsd5m(value),
    branchingRatio: null,
  };
  const machine = new CascadeMachine((_symbol, _side, share) => past.velocityQuantile(share));
  return new CrossVenueState({
    lagResolutionMs: (exchange) => exchanges[exchange].lagResolutionMs,
    baseline: () => baseline,
    cascadeId(event, flow, reader) {
      machine.observe(event, flow, reader);
      return machine.cascadeId(event.symbol, event.position_side);
    },
  });
}

/** Seven days of samples spread over eight powers of ten, as many buckets as a real past fills. */
function weekOfMinutes(): SideBaseline {
  const past = new SideBaseline("BTC");
  for (let minute = 0; minute < 7 * 24 * 60; minute += 1) {
    const usd = 10 ** (((minute * 7919) % 800) / 100);
    past.sample(usd / 60, usd, START - minute * 60_000);
  }
  return past;
}

function fill(hub: CrossVenueState, burst: Burst): void {
  const total = SECONDS * EVENTS_PER_SECOND;
  for (let first = 0; first < total; first += EVENTS_PER_CALL) {
    const events = Array.from({ length: EVENTS_PER_CALL }, (_, index) => liquidation(first + index, burst));
    hub.observe(events, receivedTime(first + EVENTS_PER_CALL));
  }
}

/** Sorted costs in µs. */
function measure(hub: CrossVenueState, burst: Burst): number[] {
  const instruments = new Map(burst.symbols.map((symbol) => [`${symbol}USDT`, instrument(symbol)]));
  const context = new MarketContext(undefined, instruments);
  for (const name of instruments.keys()) openBook(context, name);
  const costs: number[] = [];
  for (let index = 0; index < WARM_UP + MEASURED; index += 1) {
    const number = SECONDS * EVENTS_PER_SECOND + index;
    const event = liquidation(number, burst);
    const received = event.received_time;
    context.apply({ kind: "mark", instrument: event.instrument, price: 80_000 - index / 100, time: received }, received);
    context.apply(
      { kind: "book", instrument: event.instrument, action: "delta", bids: [["79990", String(1 + (index % 9))]], asks: [], sequence: null },
      received,
    );
    const begun = performance.now();
    const fields = marketFields([context], event, received);
    hub.observe([{ ...event, ...fields }], received);
    if (index >= WARM_UP) costs.push((performance.now() - begun) * 1000);
  }
  return costs.toSorted((a, b) => a - b);
}

/** Median cost of reading one such event from JSON, µs. */
function parseCost(burst: Burst): number {
  const costs: number[] = [];
  for (let index = 0; index < WARM_UP + MEASURED; index += 1) {
    const text = JSON.stringify(liquidation(index, burst));
    const begun = performance.now();
    JSON.parse(text);
    if (index >= WARM_UP) costs.push((performance.now() - begun) * 1000);
  }
  return costs.toSorted((a, b) => a - b)[MEASURED >> 1] ?? Number.NaN;
}

function openBook(context: MarketContext, name: string): void {
  context.apply(
    { kind: "book", instrument: name, action: "snapshot", bids: fiftyLevels(79_990, -1), asks: fiftyLevels(80_010, 1), sequence: null },
    START,
  );
  for (let second = 0; second < 300; second += 1) {
    context.apply({ kind: "mark", instrument: name, price: 80_000 + (second % 7), time: 0 }, START + (SECONDS - 300 + second) * 1000);
  }
}

function fiftyLevels(from: number, step: number): BookLevel[] {
  return Array.from({ length: 50 }, (_, level) => [String(from + step * level), "1.5"]);
}

function receivedTime(number: number): number {
  return START + Math.floor((number * 1000) / EVENTS_PER_SECOND) + 400;
}

/** Event times lie up to 0.9 s before the order received, as venues push late. */
function liquidation(number: number, { symbols, bothSides }: Burst): Liquidation {
  const received_time = receivedTime(number);
  const symbol = symbols[number % symbols.length] ?? "BTC";
  const isLong = !bothSides || number % 4 < 2;
  const venue = venueLiquidation(instrument(symbol), isLong ? "long" : "short", {
    event_id: `bench:${symbol}:${number}`,
    exchange: VENUES[(number * 7) % VENUES.length] ?? "binance",
    event_time: received_time - ((number * 7919) % 900),
    price: 80_000,
    price_kind: "average_fill",
    quantity: 0.01 + (number % 100) / 100,
    usd_value: 800 + 800 * (number % 100),
    coverage: "all_reported",
    adapter_version: 1,
  });
  return completeLiquidation(venue, {
    received_time,
    source: "stream",
    gap_before_ms: 0,
    mark_price: 80_000 - (number % 50),
    volatility_5m: 0.001,
  });
}

function instrument(symbol: string): Instrument {
  return { instrument: `${symbol}USDT`, symbol, quote: "USDT", scale: 1, contract: { kind: "base", size: 1 }, trading: true };
}
