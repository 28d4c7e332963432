import type { CrossVenueFields, ExchangeName, Liquidation } from "../liquidation.ts";
import { cascadeScore, type Ranks } from "./cascade-score.ts";
import type { Flow } from "./flow-pass.ts";

/** The fields of an event that arrived too late, or that the hub did not respond to. */
export const UNKNOWN_CROSS_VENUE_FIELDS: CrossVenueFields = {
  cum_usd_1m: null,
  cum_usd_5m: null,
  cum_usd_15m: null,
  cum_events_1m: null,
  velocity_usd_per_s: null,
  branching_ratio: null,
  cascade_score: null,
  score_kind: null,
  cascade_id: null,
  concurrent_exchanges: null,
  cross_exchange_lag_ms: null,
  lag_resolution_ms: null,
  dominant_exchange: null,
};

/** Values from the longer past of a symbol and side. */
export interface Baseline extends Ranks {
  /** Branching ratio of the last Hawkes fit; null with fewer than 200 events. */
  readonly branchingRatio: number | null;
}

/**
 * The fields of one event, from the flow it was part of.
 *
 * @param lagResolutionMs time resolution of each venue's feed (`Exchange.lagResolutionMs`)
 */
export function crossVenueFields(
  event: Liquidation,
  flow: Flow,
  baseline: Baseline,
  lagResolutionMs: (exchange: ExchangeName) => number,
  cascadeId: string | null,
): CrossVenueFields {
  const input = {
    velocity: flow.velocity,
    cumUsd5m: flow.usd5m,
    concurrentExchanges: flow.exchanges10s,
    depthShare: event.depth_share,
  };
  const elsewhere = flow.firstElsewhere;
  return {
    cum_usd_1m: flow.usd1m,
    cum_usd_5m: flow.usd5m,
    cum_usd_15m: flow.usd15m,
    cum_events_1m: flow.events1m,
    velocity_usd_per_s: flow.velocity,
    branching_ratio: baseline.branchingRatio,
    cascade_score: cascadeScore(input, baseline),
    score_kind: "heuristic",
    cascade_id: cascadeId,
    concurrent_exchanges: flow.exchanges10s,
    cross_exchange_lag_ms: elsewhere === null ? null : event.event_time - elsewhere.time,
    lag_resolution_ms: elsewhere === null ? null : lagResolutionMs(event.exchange) + lagResolutionMs(elsewhere.exchange),
    dominant_exchange: flow.dominantExchange,
  };
}
