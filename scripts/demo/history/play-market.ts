import { DAY_MS, HOUR_MS, SECOND_MS } from "../../../src/windows/calendar.ts";
import { assetOf } from "../../simulator/assets.ts";
import type { CascadeScript, ScriptedCascade } from "../../simulator/cascade-script.ts";
import { Market, type MarketLiquidation, type Quote } from "../../simulator/market.ts";
import { createRandom, type Random } from "../../simulator/random.ts";

export interface PlayOptions {
  readonly seed: number;
  /** Liquidations a second of the live market, over all venues and base assets. */
  readonly rate: number;
  readonly days: number;
  /** Base assets that are collected. */
  readonly symbols: readonly string[];
  /** When the history ends, ms. */
  readonly endTime: number;
}

/** A liquidation with the market of its base asset at that moment. */
export interface HistoricLiquidation extends MarketLiquidation {
  readonly quote: Quote;
}

/** What happened on all venues, with prices scaled so that they end where the live market's begin. */
export interface PlayedMarket {
  readonly startTime: number;
  readonly endTime: number;
  /** In order of time, before what venues leave out. */
  readonly liquidations: readonly HistoricLiquidation[];
  /** The mark price of each base asset at the end of each step. */
  readonly marks: ReadonlyMap<string, Float64Array>;
  /** The market of each base asset at its end. */
  readonly quotes: ReadonlyMap<string, Quote>;
}

/** Coarse beside the live market, so that days take seconds. */
export const STEP_MS = 5 * SECOND_MS;
/** On the average; each has a base asset, side, size and venues of its own. */
const HOURS_BETWEEN_CASCADES = 5;
/** Share of them that takes all base assets along. */
const MARKET_WIDE_SHARE = 0.2;
/**
 * Share of the live market's liquidations: it is busiest at the time of day at which the live market goes on, so that the
 * windows of that market have something to be compared with, and quiet otherwise.
 */
const ACTIVITY = { quiet: 0.03, busy: 0.8, sharpness: 12 } as const;

/** Plays days of the simulated market: self-exciting flow with a daily rhythm, and a cascade every few hours. */
export function playMarket({ seed, rate, symbols, days, endTime }: PlayOptions): PlayedMarket {
  const startTime = endTime - days * DAY_MS;
  const market = new Market({ seed, rate, startTime, stepMs: STEP_MS });
  const random = createRandom(seed, "history");
  const steps = Math.floor((endTime - startTime) / STEP_MS);
  const marks = new Map(symbols.map((symbol) => [symbol, new Float64Array(steps)]));
  const liquidations: HistoricLiquidation[] = [];
  let running: readonly ScriptedCascade[] = [];
  for (let step = 0; step < steps; step += 1) {
    const time = startTime + (step + 1) * STEP_MS;
    if (random.chance(STEP_MS / (HOURS_BETWEEN_CASCADES * HOUR_MS))) {
      running = randomCascades(symbols, random).map((script) => market.schedule(script));
    }
    const activity = activityAt(time, endTime);
    for (const one of market.tick(time)) {
      if (!symbols.includes(one.symbol) || !(isScripted(one, running) || random.chance(activity))) continue;
      const venue = market.on(one.exchange);
      liquidations.push({ ...one, quote: venue.quote(one.symbol) });
      venue.close(one);
    }
    for (const [symbol, path] of marks) path[step] = market.quote(symbol).mark;
  }
  const quotes = new Map(symbols.map((symbol) => [symbol, market.quote(symbol)]));
  return scaledToLive({ startTime, endTime, liquidations, marks, quotes });
}

/** Share of the live market's liquidations that happen at a time: highest at the time of day of the end. */
function activityAt(time: number, endTime: number): number {
  const { quiet, busy, sharpness } = ACTIVITY;
  const days = (time - endTime) / DAY_MS;
  const rhythm = Math.exp(sharpness * (Math.cos(2 * Math.PI * days) - 1));
  // Days differ, and so do hours, without a period that a week would show.
  const drift = Math.exp(0.45 * Math.sin(2.3 * days + 1) + 0.3 * Math.sin(17 * days));
  return Math.min(1, drift * (quiet + (busy - quiet) * rhythm));
}

function isScripted({ symbol, side, time }: MarketLiquidation, running: readonly ScriptedCascade[]): boolean {
  return running.some((one) => one.symbol === symbol && one.side === side && time >= one.startTime && time <= one.endTime);
}

/** The scripts of one cascade: of one base asset, or of all of them within seconds. */
function randomCascades(symbols: readonly string[], random: Random): readonly CascadeScript[] {
  const side = random.chance(0.5) ? "long" : "short";
  const hit = random.chance(MARKET_WIDE_SHARE) ? symbols : symbols.slice(random.integer(symbols.length)).slice(0, 1);
  const venues = (["binance", "bybit", "okx"] as const).map((exchange) => ({ exchange, delayMs: random.integer(6_000) }));
  return hit.map((symbol) => ({
    startAfterMs: hit.length > 1 ? random.integer(15_000) : 0,
    symbol,
    side,
    venues,
    usd: 2e6 * Math.exp(random.exponential(1)),
    durationMs: 20_000 + random.integer(100_000),
    movePct: 0.4 + random.exponential(1.5),
    eventsPerVenue: 20 + random.integer(60),
  }));
}

/** A market's prices are known only at its end: all are multiplied so that they end at the price that the live market begins with. */
function scaledToLive(market: PlayedMarket): PlayedMarket {
  const scales = new Map([...market.quotes].map(([symbol, { mark }]) => [symbol, assetOf(symbol).price / mark]));
  const scaleOf = (symbol: string) => scales.get(symbol) ?? 1;
  const scaled = (symbol: string, quote: Quote): Quote => ({
    ...quote,
    mark: quote.mark * scaleOf(symbol),
    index: quote.index * scaleOf(symbol),
  });
  return {
    ...market,
    liquidations: market.liquidations.map((one) => ({
      ...one,
      mark: one.mark * scaleOf(one.symbol),
      quote: scaled(one.symbol, one.quote),
    })),
    marks: new Map([...market.marks].map(([symbol, path]) => [symbol, path.map((mark) => mark * scaleOf(symbol))])),
    quotes: new Map([...market.quotes].map(([symbol, quote]) => [symbol, scaled(symbol, quote)])),
  };
}
