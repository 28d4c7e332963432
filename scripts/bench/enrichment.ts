import { CascadeMachine } from "../../src/cascade/cascade-machine.ts";
import { CrossVenueState } from "../../src/cascade/cross-venue-state.ts";
import { FORECAST_FEATURES, FORECAST_FEATURES_VERSION } from "../../src/cascade-forecast/forecast-features.ts";
import type { ForecastModelFile } from "../../src/cascade-forecast/forecast-model-file.ts";
import { ForecastScorer } from "../../src/cascade-forecast/forecast-model.ts";
import { LiveForecasts } from "../../src/cascade-forecast/live-forecasts.ts";
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
    fill(hub.state, burst);
    const heap = memoryUsed() - before;
    const costs = measure(hub.state, burst);
    const forecasts = [...hub.forecastCosts].toSorted((a, b) => a - b);
    const at = (share: number, of = costs) => of[Math.floor(share * (of.length - 1))] ?? 0;
    const ratio = at(0.5) / jsonCost(burst);
    return [
      burst.name,
      String(hub.state.size),
      at(0.5).toFixed(1),
      at(0.99).toFixed(1),
      at(0.5, forecasts).toFixed(1),
      ratio.toFixed(1),
      (heap / 1e6).toFixed(1),
    ];
  });
  print(`Enrichment: µs per event over ${MEASURED} events, with ${SECONDS} s of ${EVENTS_PER_SECOND} events/s in state`);
  print(table(["burst", "events held", "median µs", "p99 µs", "of them forecast", "median ÷ JSON", "heap MB"], rows));
  print("JSON: stringify and parse of the very events, measured after each burst, since microseconds say little on a busy machine");
  print("Aim: median under 50 µs, of them the forecast of cascades under 10 µs, p99 under 1,000 µs, heap under 64 MB");
  print(`The probability itself, a dot product of ${FORECAST_FEATURES.length} features: ${scorerCost().toFixed(3)} µs; aim: under 1 µs`);
}

interface BenchHub {
  readonly state: CrossVenueState;
  /** Of the last liquidations, µs, in no order. */
  readonly forecastCosts: Float64Array;
}

function newHub(): BenchHub {
  const past = weekOfMinutes();
  const machine = new CascadeMachine((_symbol, _side, share) => past.velocityQuantile(share));
  const forecasts = new LiveForecasts({
    machine,
    baselines: { velocityQuantile: (_symbol, _side, share) => past.velocityQuantile(share), medianEvents1m: () => past.medianEvents1m },
    isCovered: () => true,
    days: [],
  });
  forecasts.serve(benchModel());
  const forecastCosts = new Float64Array(MEASURED);
  let observed = 0;
  const state = new CrossVenueState({
    lagResolutionMs: (exchange) => exchanges[exchange].lagResolutionMs,
    baseline: () => ({ medianVelocity: past.medianVelocity, medianEvents1m: past.medianEvents1m, hawkes: null }),
    cascadeOf(event, flow, reader) {
      past.noteEvent(flow.velocity, flow.events1m, START);
      for (const transition of machine.observe(event, flow, reader)) forecasts.noteTransition(transition, event.received_time);
      const begun = performance.now();
      forecasts.observe(event, flow);
      forecastCosts[observed % MEASURED] = (performance.now() - begun) * 1000;
      observed += 1;
      return machine.cascadeOf(event);
    },
  });
  return { state, forecastCosts };
}

function benchModel(): ForecastModelFile {
  const features = FORECAST_FEATURES.map(({ name }) => ({ name, mean: 0.1, deviation: 1.3, weight: 0.2 }));
  const lead_times = { cascades: 0, led: 0, p10_s: null, p50_s: null, p90_s: null };
  const numbers = {
    from: 0,
    to: 0,
    forecasts: 0,
    cascades: 0,
    base_rate: 0,
    pr_auc: 0,
    velocity_pr_auc: 0,
    gain: 0,
    gain_low: 0,
    gain_high: 0,
    days: 0,
    pr_auc_within: 0,
    velocity_pr_auc_within: 0,
    usd_pr_auc: 0,
    calibration_slope: 1,
  };
  const test = { ...numbers, folds: [], mean_probability: 0, reliability: [], alarm_probability: 0.5, alarm_precision: 0, lead_times };
  const trained = { trained_from: 0, trained_to: 0, forecasts: 0, cascades: 0, symbols: ["BTC", "ETH", "SOL"] };
  return { features_version: FORECAST_FEATURES_VERSION, intercept: -3, features, ...trained, test, refusal: null, hash: "bench" };
}

/** Median over many runs of a thousand, µs. */
function scorerCost(): number {
  const scorer = new ForecastScorer(benchModel());
  const features = Float64Array.from(FORECAST_FEATURES, (_, index) => Math.sin(index));
  const runs = Array.from({ length: 301 }, () => {
    const begun = performance.now();
    let sum = 0;
    for (let time = 0; time < 1_000; time += 1) {
      features[0] = time / 1_000;
      sum += scorer.probability(features);
    }
    return sum > 0 ? performance.now() - begun : Infinity;
  });
  return runs.toSorted((a, b) => a - b)[150] ?? Number.NaN;
}

/** Seven days of samples spread over eight powers of ten, as many buckets as a real past fills. */
function weekOfMinutes(): SideBaseline {
  const past = new SideBaseline("BTC");
  for (let minute = 0; minute < 7 * 24 * 60; minute += 1) {
    const usd = 10 ** (((minute * 7919) % 800) / 100);
    past.sample(usd / 60, START - minute * 60_000);
    past.noteEvent(usd / 60, minute % 97, START - minute * 60_000);
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

/** Median cost of writing one such event as JSON and reading it again, µs. */
function jsonCost(burst: Burst): number {
  const costs: number[] = [];
  for (let index = 0; index < WARM_UP + MEASURED; index += 1) {
    const event = liquidation(index, burst);
    const begun = performance.now();
    JSON.parse(JSON.stringify(event));
    if (index >= WARM_UP) costs.push((performance.now() - begun) * 1000);
  }
  return costs.toSorted((a, b) => a - b)[MEASURED >> 1] ?? Number.NaN;
}

function openBook(context: MarketContext, name: string): void {
  context.apply(
    { kind: "book", instrument: name, action: "snapshot", bids: manyLevels(79_990, -1), asks: manyLevels(80_010, 1), sequence: null },
    START,
  );
  for (let second = 0; second < 300; second += 1) {
    context.apply({ kind: "mark", instrument: name, price: 80_000 + (second % 7), time: 0 }, START + (SECONDS - 300 + second) * 1000);
  }
}

/** As many as a venue's usual topic has; 200 of them lie within 25 bps. */
function manyLevels(from: number, step: number): BookLevel[] {
  return Array.from({ length: 400 }, (_, level) => [String(from + step * level), "1.5"]);
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
