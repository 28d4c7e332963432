import type { Liquidation } from "../../../src/liquidation.ts";
import { MinuteMarks } from "../../../src/market/minute-marks.ts";
import type { MinuteMark } from "../../../src/minute-mark.ts";
import { DAY_MS, HOUR_MS, SECOND_MS } from "../../../src/windows/calendar.ts";
import { assetOf } from "../../simulator/assets.ts";
import { Market, type MarketLiquidation, type Quote } from "../../simulator/market.ts";
import { createRandom, type Random } from "../../simulator/random.ts";
import { historyRow } from "./history-row.ts";

export interface HistoryOptions {
  readonly seed: number;
  /** Liquidations a second over all venues and base assets. */
  readonly rate: number;
  readonly days: number;
  /** Base assets that are collected. */
  readonly symbols: readonly string[];
  /** When the history ends, ms. */
  readonly endTime: number;
}

export interface History {
  readonly startTime: number;
  readonly endTime: number;
  /** In order of event time. */
  readonly liquidations: readonly Liquidation[];
  readonly minuteMarks: readonly MinuteMark[];
}

/** Coarse beside the live market, so that days take a second. */
const STEP_MS = 5 * SECOND_MS;
/** On the average; each has a base asset, side, size and venues of its own. */
const HOURS_BETWEEN_CASCADES = 5;

/**
 * Some days of the simulated market, with a cascade every few hours: the same for the same seed and end. Its prices end
 * where the live market's begin.
 */
export function simulateHistory(options: HistoryOptions): History {
  const { seed, rate, symbols, endTime } = options;
  const startTime = endTime - options.days * DAY_MS;
  const market = new Market({ seed, rate, startTime, stepMs: STEP_MS });
  const random = createRandom(seed, "history");
  const marks = new MinuteMarks("binance");
  const happened: { readonly liquidation: MarketLiquidation; readonly quote: Quote }[] = [];
  for (let time = startTime + STEP_MS; time <= endTime; time += STEP_MS) {
    if (random.chance(STEP_MS / (HOURS_BETWEEN_CASCADES * HOUR_MS))) market.schedule(randomCascade(symbols, random));
    for (const liquidation of market.tick(time)) {
      if (symbols.includes(liquidation.symbol)) happened.push({ liquidation, quote: market.quote(liquidation.symbol) });
    }
    for (const symbol of symbols) marks.add(symbol, market.quote(symbol).mark, time);
  }
  const scales = new Map(symbols.map((symbol) => [symbol, assetOf(symbol).price / market.quote(symbol).mark]));
  const scaleOf = (symbol: string) => scales.get(symbol) ?? 1;
  return {
    startTime,
    endTime,
    liquidations: happened.map(({ liquidation, quote }) => historyRow(liquidation, quote, scaleOf(liquidation.symbol))),
    minuteMarks: marks.drainClosed(endTime + HOUR_MS).map((mark) => scaled(mark, scaleOf(mark.symbol))),
  };
}

function randomCascade(symbols: readonly string[], random: Random) {
  const venues = (["binance", "bybit", "okx"] as const).map((exchange) => ({ exchange, delayMs: random.integer(6_000) }));
  return {
    startAfterMs: 0,
    symbol: symbols[random.integer(symbols.length)] ?? "BTC",
    side: random.chance(0.5) ? ("long" as const) : ("short" as const),
    venues,
    usd: 2e6 * Math.exp(random.exponential(1)),
    durationMs: 20_000 + random.integer(100_000),
    movePct: 0.4 + random.exponential(1.5),
    eventsPerVenue: 20 + random.integer(60),
  };
}

function scaled(mark: MinuteMark, scale: number): MinuteMark {
  return { ...mark, open: mark.open * scale, high: mark.high * scale, low: mark.low * scale, close: mark.close * scale };
}
