import type { Coverage, ExchangeName, Liquidation, PriceKind } from "../../src/liquidation.ts";
import { SCHEMA_VERSION } from "../../src/liquidation-fields.ts";

/**
 * Seeded liquidations as dense in values as real ones: prices on the venue's tick, market values that move
 * between events, computed ratios with all their digits, bursts of several events within one push.
 */

/** Uniform numbers in [0, 1) from a 32-bit seed: a counter stepped by the golden ratio, then mixed (SplitMix32). */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

interface Coin {
  readonly symbol: string;
  readonly start: number;
  readonly tickDecimals: number;
  readonly sizeDecimals: number;
  readonly typicalSize: number;
}

const COINS: readonly Coin[] = [
  { symbol: "BTC", start: 82_650, tickDecimals: 1, sizeDecimals: 3, typicalSize: 0.4 },
  { symbol: "ETH", start: 2_950, tickDecimals: 2, sizeDecimals: 3, typicalSize: 6 },
  { symbol: "SOL", start: 116.5, tickDecimals: 2, sizeDecimals: 1, typicalSize: 90 },
];

interface Venue {
  readonly exchange: ExchangeName;
  readonly instrument: (symbol: string) => string;
  readonly priceKind: PriceKind;
  readonly coverage: Coverage;
  readonly contractSize: number | null;
  /** Push delay behind the event, ms. */
  readonly delayMs: number;
}

const VENUES: readonly Venue[] = [
  {
    exchange: "binance",
    instrument: (symbol) => `${symbol}USDT`,
    priceKind: "average_fill",
    coverage: "largest_per_second",
    contractSize: null,
    delayMs: 980,
  },
  {
    exchange: "bybit",
    instrument: (symbol) => `${symbol}USDT`,
    priceKind: "bankruptcy",
    coverage: "all_reported",
    contractSize: null,
    delayMs: 350,
  },
  {
    exchange: "okx",
    instrument: (symbol) => `${symbol}-USDT-SWAP`,
    priceKind: "liquidation_mark",
    coverage: "sampled",
    contractSize: 0.01,
    delayMs: 700,
  },
];

interface Walk {
  time: number;
  price: number;
  openInterest: number;
  funding: number;
  velocity: number;
  readonly recent: { readonly time: number; readonly usd: number }[];
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

/**
 * @param count rows wanted, in the order received
 * @param seed the same seed gives the same rows
 * @param startTime event time of the first row, ms
 */
export function sampleLiquidations(count: number, seed = 1, startTime = 1_791_331_200_000): readonly Liquidation[] {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const walks = COINS.map((coin): Walk => ({
    time: startTime,
    price: coin.start,
    openInterest: 90_000 * coin.start,
    funding: 0.0001,
    velocity: 0,
    recent: [],
  }));
  const rows: Liquidation[] = [];
  let time = startTime;
  while (rows.length < count) {
    // Half of the events follow within one push of the last, as in a cascade; the others after seconds.
    const wait = random() < 0.5 ? 0 : Math.round(-Math.log(1 - random()) * 900);
    time += wait;
    const place = Math.floor(random() ** 1.6 * COINS.length);
    const coin = COINS[place];
    const walk = walks[place];
    const venue = VENUES[Math.floor(random() * VENUES.length)];
    if (coin === undefined || walk === undefined || venue === undefined) continue;
    step(walk, time, normal);
    rows.push(liquidation(coin, venue, walk, time, random, normal));
  }
  return rows.toSorted((a, b) => a.received_time - b.received_time);
}

function step(walk: Walk, time: number, normal: () => number): void {
  const seconds = (time - walk.time) / 1000;
  walk.price *= Math.exp(0.0001 * Math.sqrt(seconds) * normal());
  walk.openInterest *= 1 + 0.00002 * Math.sqrt(seconds) * normal();
  if (Math.floor(time / 60_000) !== Math.floor(walk.time / 60_000)) walk.funding = rounded(0.0001 + 0.00002 * normal(), 8);
  walk.velocity *= Math.exp(-seconds / 60);
  walk.time = time;
}

function liquidation(coin: Coin, venue: Venue, walk: Walk, time: number, random: () => number, normal: () => number): Liquidation {
  const long = random() < 0.6;
  const side = long ? -1 : 1;
  const mark = rounded(walk.price, coin.tickDecimals + 1);
  const tick = 10 ** -coin.tickDecimals;
  const bid = rounded(walk.price - tick, coin.tickDecimals);
  const ask = rounded(bid + tick, coin.tickDecimals);
  const price = rounded(walk.price * (1 + side * 0.0004 * Math.abs(normal())), coin.tickDecimals);
  const quantity = Math.max(rounded(coin.typicalSize * Math.exp(1.6 * normal()), coin.sizeDecimals), 10 ** -coin.sizeDecimals);
  const usd = quantity * price;
  const bidDepth = 2_400_000 * Math.exp(0.4 * normal());
  const askDepth = 2_400_000 * Math.exp(0.4 * normal());
  const binance = venue.exchange === "binance";
  walk.velocity += usd / 60;
  walk.recent.push({ time, usd });
  const within = windowSums(walk, time);
  const orderSide = long ? "sell" : "buy";
  return {
    event_id: `${venue.exchange}:${venue.instrument(coin.symbol)}:${time}:${orderSide}:${price}:${quantity}`,
    exchange: venue.exchange,
    instrument: venue.instrument(coin.symbol),
    symbol: coin.symbol,
    quote: "USDT",
    event_time: time,
    received_time: time + venue.delayMs + Math.floor(random() * 60),
    position_side: long ? "long" : "short",
    order_side: orderSide,
    price,
    price_kind: venue.priceKind,
    quantity,
    contracts: venue.contractSize === null ? null : rounded(quantity / venue.contractSize, 2),
    usd_value: usd,
    notional_mark_usd: quantity * mark,
    order_type: binance ? "LIMIT" : null,
    time_in_force: binance ? "IOC" : null,
    order_status: binance ? "FILLED" : null,
    average_price: binance ? price : null,
    limit_price: binance ? rounded(price * (1 + side * 0.004), coin.tickDecimals) : null,
    last_filled_quantity: binance ? rounded(quantity * random(), coin.sizeDecimals) : null,
    bankruptcy_loss: venue.exchange === "okx" ? 0 : null,
    time_kind: "venue",
    venue_entry_price: null,
    venue_leverage: null,
    venue_position_quantity: null,
    mark_price: mark,
    mark_age_ms: Math.floor(random() * 1000),
    index_price: rounded(mark * (1 + 0.00005 * normal()), coin.tickDecimals + 2),
    funding_rate: walk.funding,
    open_interest_usd: walk.openInterest,
    best_bid: bid,
    best_ask: ask,
    book_age_ms: Math.floor(random() * 500),
    spread_bps: (10_000 * (ask - bid)) / ((ask + bid) / 2),
    slippage_to_mark_bps: (side * 10_000 * (price - mark)) / mark,
    depth_reach_bps: rounded(25 + 20 * random(), 2),
    bid_depth_usd: bidDepth,
    ask_depth_usd: askDepth,
    imbalance_ratio: (bidDepth - askDepth) / (bidDepth + askDepth),
    depth_share: usd / (long ? bidDepth : askDepth),
    volatility_5m: 0.0017 * Math.exp(0.2 * normal()),
    ...within,
    velocity_usd_per_s: walk.velocity,
    branching_ratio: rounded(0.6 + 0.1 * Math.sin(Math.floor(time / 3_600_000)), 6),
    branching_ratio_se: rounded(0.04 + 0.01 * Math.sin(Math.floor(time / 3_600_000)), 6),
    cascade_score: 100 * random(),
    score_kind: "heuristic",
    cascade_id: random() < 0.3 ? `${coin.symbol}:${long ? "long" : "short"}:${Math.floor(time / 240_000) * 240_000}` : null,
    concurrent_exchanges: 1 + Math.floor(random() * 3),
    burst_age_ms: Math.floor(random() * 8000),
    cross_exchange_lag_ms: random() < 0.6 ? Math.floor((random() - 0.5) * 8000) : null,
    lag_resolution_ms: random() < 0.6 ? 1500 : null,
    dominant_exchange: binance ? "binance" : "bybit",
    impact_1s_bps: null,
    impact_5s_bps: null,
    impact_60s_bps: null,
    coverage: venue.coverage,
    gap_before_ms: random() < 0.001 ? 4000 : 0,
    source: "stream",
    schema_version: SCHEMA_VERSION,
    adapter_version: 1,
  };
}

function windowSums(walk: Walk, time: number) {
  const sums = { cum_usd_1m: 0, cum_usd_5m: 0, cum_usd_15m: 0, cum_events_1m: 0 };
  for (let index = walk.recent.length - 1; index >= 0; index--) {
    const past = walk.recent[index];
    if (past === undefined || past.time <= time - 900_000) break;
    sums.cum_usd_15m += past.usd;
    if (past.time > time - 300_000) sums.cum_usd_5m += past.usd;
    if (past.time > time - 60_000) {
      sums.cum_usd_1m += past.usd;
      sums.cum_events_1m += 1;
    }
  }
  return sums;
}
