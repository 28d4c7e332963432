import { DAY_MS, HOUR_MS } from "../../src/windows/calendar.ts";
import { BTC_MODEL, type MarketModel } from "../market-simulation/market-model.ts";
import { marketRows } from "../market-simulation/market-rows.ts";
import { simulateMarket } from "../market-simulation/simulate-market.ts";
import { throughHub } from "../market-simulation/through-hub.ts";

/** A Monday. */
const START = Date.parse("2026-10-05");
const LEARNED_MS = 1.5 * DAY_MS;

/** Flow that neither drifts nor clusters and is always above the floor of a cascade, on a random walk. */
const STEADY: MarketModel = {
  ...BTC_MODEL,
  eventsPerDay: 104_000,
  branching: 0,
  activity: { deviation: 0, timeS: 7_200 },
  hasWeek: false,
  size: { ...BTC_MODEL.size, median: 20_000, p99: 100_000, largest: 200_000 },
  leverageUsd: 1e15,
};

/** Cascades an hour, both sides together, on a random walk with steady flow whose 90 seconds always hold the floor. */
export function falseCascadesPerHour(seed: number, days = 3): number {
  const market = simulateMarket({ seed, days, effect: "none", model: STEADY, startTime: START, isComplete: true });
  const { transitions } = throughHub(marketRows(market), ["BTC"]);
  const started = transitions.filter(({ kind, record }) => kind === "started" && record.start_time >= START + LEARNED_MS);
  return started.length / ((days * DAY_MS - LEARNED_MS) / HOUR_MS);
}

/** 0.6 liquidations a second of background, over both sides. */
const NOISY: MarketModel = { ...BTC_MODEL, eventsPerDay: 0.6 * 86_400, branching: 0.2, flushesPerDay: 12, leverageUsd: 1e15, pushGain: 0 };

export interface FlushMeasure {
  readonly planted: number;
  /** Flushes during which a cascade of their side started. */
  readonly found: number;
  readonly rightStart: number;
  /** Of those found, how many name a first venue, and how many the planted one. */
  readonly named: number;
  readonly rightVenue: number;
}

/** A start is right within this, ms. */
const RIGHT_START_MS = 3_000;

/**
 * Planted flushes of several million USD in a noisy market, and what the cascades say of their start. Followers begin 1.5 to
 * 7.5 s after the leader, so that feeds of one liquidation a second can tell them apart.
 *
 * @param isComplete whether venues publish every liquidation, or what their feeds leave of them
 */
export function measureFlushes(seed: number, isComplete: boolean, days = 4): FlushMeasure {
  const market = simulateMarket({ seed, days, effect: "cascade", model: NOISY, startTime: START, isComplete });
  const { transitions } = throughHub(marketRows(market), ["BTC"]);
  const flushes = market.planted.filter(({ startTime, usd }) => startTime > START + LEARNED_MS && usd >= 2e6);
  const found = flushes.flatMap((flush) => {
    const record = transitions.find(
      ({ kind, record: one }) =>
        kind === "started" && one.position_side === flush.side && Math.abs(one.start_time - flush.startTime) < 90_000,
    )?.record;
    return record === undefined ? [] : [{ flush, record }];
  });
  return {
    planted: flushes.length,
    found: found.length,
    rightStart: found.filter(({ flush, record }) => Math.abs(record.start_time - flush.startTime) <= RIGHT_START_MS).length,
    named: found.filter(({ record }) => record.first_exchange !== null).length,
    rightVenue: found.filter(({ flush, record }) => record.first_exchange === flush.firstExchange).length,
  };
}
