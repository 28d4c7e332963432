import type { ExchangeName } from "../../src/liquidation.ts";
import { DAY_MS, HOUR_MS } from "../../src/windows/calendar.ts";

/**
 * `none`: price and flow know nothing of each other. `burst`: the same, with bursts of five times the hour's median.
 * `cascade`: flushes that push the price, and a price that pushes the flow. `reversal` and `continuation`: cascades after
 * which the price returns, or goes on.
 */
export const EFFECTS = ["none", "burst", "cascade", "reversal", "continuation"] as const;
export type Effect = (typeof EFFECTS)[number];

/** A venue's part of the market. */
export interface SimulatedVenue {
  readonly exchange: ExchangeName;
  /** Share of the liquidations. */
  readonly share: number;
  /** Distance of its mark price from the market's, bps. */
  readonly basisBps: number;
  /** From the event to its receipt, ms. */
  readonly delayMs: number;
  /** What it publishes of a second of one side. */
  readonly publishes: "all" | "largest" | "any";
}

export interface MarketModel {
  readonly symbol: string;
  readonly startPrice: number;
  /** Liquidations of a day, on the average, before what venues leave out and without planted ones. */
  readonly eventsPerDay: number;
  /** Share of the liquidations that other liquidations brought about, and the mean time to them, s. */
  readonly branching: number;
  readonly decayS: number;
  /** USD: a log-normal body up to the 99th percentile, beyond it a Pareto tail, cut off. */
  readonly size: { readonly median: number; readonly p99: number; readonly tailExponent: number; readonly largest: number };
  /** Standard deviation of a one-second log return at ordinary activity. */
  readonly secondVolatility: number;
  /** Activity scales volatility and flow: its logarithm returns to 0 with this deviation and time, s. */
  readonly activity: { readonly deviation: number; readonly timeS: number };
  /** Whether the flow follows the hour of the week. */
  readonly hasWeek: boolean;
  /** USD of one side whose liquidation takes all its leverage. */
  readonly leverageUsd: number;
  /** How strongly the flow answers to a move against its side, where the effect has flushes; 0: not at all. */
  readonly pushGain: number;
  readonly burstsPerDay: number;
  readonly flushesPerDay: number;
  /** The move of a flush in standard deviations of 90 s: at least `sigmas`, at most so many more. */
  readonly flushMove: { readonly sigmas: number; readonly spread: number };
  /** Share of a flush's move that a reversal takes back or a continuation adds, and the time of it, s. */
  readonly aftermath: { readonly share: number; readonly timeS: number };
  readonly venues: readonly SimulatedVenue[];
}

/**
 * A day of BTC as of 2026: 4,000 liquidations and 25 million USD, median 650, 99th percentile 97,000. Clustering, drift and
 * shares are orders of magnitude, set by hand.
 */
export const BTC_MODEL: MarketModel = {
  symbol: "BTC",
  startPrice: 84_000,
  eventsPerDay: 4_000,
  branching: 0.5,
  decayS: 15,
  size: { median: 650, p99: 97_000, tailExponent: 1.6, largest: 5_000_000 },
  secondVolatility: 0.000_07,
  activity: { deviation: 0.5, timeS: 7_200 },
  hasWeek: true,
  leverageUsd: 120_000_000,
  pushGain: 0.8,
  burstsPerDay: 4,
  flushesPerDay: 4,
  flushMove: { sigmas: 6, spread: 6 },
  aftermath: { share: 0.6, timeS: 1_200 },
  venues: [
    { exchange: "bybit", share: 0.45, basisBps: 0, delayMs: 350, publishes: "all" },
    { exchange: "binance", share: 0.33, basisBps: 2, delayMs: 980, publishes: "largest" },
    { exchange: "okx", share: 0.18, basisBps: -1.5, delayMs: 700, publishes: "any" },
    { exchange: "bitfinex", share: 0.04, basisBps: 6, delayMs: 500, publishes: "all" },
  ],
};

/** Flow relative to the mean of the week: most at 15:00 UTC, less at weekends. */
export function weekFactor(time: number): number {
  // 1970 began on a Thursday.
  const weekday = (Math.floor(time / DAY_MS) + 4) % 7;
  const day = weekday === 0 || weekday === 6 ? 0.7 : 1.12;
  const hour = (time % DAY_MS) / HOUR_MS;
  return day * (1 + 0.4 * Math.cos((2 * Math.PI * (hour - 15)) / 24));
}
