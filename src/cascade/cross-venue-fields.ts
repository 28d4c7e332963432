import type { CrossVenueFields, ExchangeName } from "../liquidation.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import { cascadeScore, type UsualFlow } from "./cascade-score.ts";
import type { HawkesFit } from "../hawkes/hawkes-fit.ts";
import type { Running } from "./running-cascade.ts";
import type { Flow } from "./flow.ts";
import type { HubEvent } from "./hub-event.ts";

/** The fields of an event that arrived too late, or that the hub did not respond to. */
export const UNKNOWN_CROSS_VENUE_FIELDS: CrossVenueFields = {
  cum_usd_1m: null,
  cum_usd_5m: null,
  cum_usd_15m: null,
  cum_events_1m: null,
  velocity_usd_per_s: null,
  branching_ratio: null,
  branching_ratio_se: null,
  cascade_score: null,
  score_kind: null,
  cascade_id: null,
  concurrent_exchanges: null,
  burst_age_ms: null,
  cross_exchange_lag_ms: null,
  lag_resolution_ms: null,
  dominant_exchange: null,
};

export type BranchingRatio = Pick<HawkesFit, "branchingRatio" | "standardError">;

/** What an event's fields say of the cascade that it belongs to. */
export type RunningCascade = Pick<Running, "id" | "startTime" | "firsts">;

/** Values from the longer past of a symbol and side. */
export interface Baseline extends UsualFlow {
  /** The last Hawkes fit; null with fewer than 200 events. */
  readonly hawkes: BranchingRatio | null;
}

/**
 * The fields of one event, from the flow it was part of.
 *
 * @param lagResolutionMs time resolution of each venue's feed (`Exchange.lagResolutionMs`)
 */
export function crossVenueFields(
  event: HubEvent,
  flow: Flow,
  baseline: Baseline,
  lagResolutionMs: (exchange: ExchangeName) => number,
  cascade: RunningCascade | null,
): CrossVenueFields {
  const burst = cascade === null ? flow : burstOf(cascade, event);
  const elsewhere = burst.firstElsewhere;
  return {
    cum_usd_1m: flow.usd1m,
    cum_usd_5m: flow.usd5m,
    cum_usd_15m: flow.usd15m,
    cum_events_1m: flow.events1m,
    velocity_usd_per_s: flow.velocity,
    branching_ratio: baseline.hawkes?.branchingRatio ?? null,
    branching_ratio_se: baseline.hawkes?.standardError ?? null,
    cascade_score: cascadeScore(flow, baseline),
    score_kind: "heuristic",
    cascade_id: cascade?.id ?? null,
    concurrent_exchanges: flow.exchanges10s,
    burst_age_ms: event.event_time - burst.burstStart,
    cross_exchange_lag_ms: elsewhere === null ? null : burst.firstHere - elsewhere.time,
    lag_resolution_ms: elsewhere === null ? null : lagResolutionMs(event.exchange) + lagResolutionMs(elsewhere.exchange),
    dominant_exchange: flow.dominantExchange,
  };
}

/** Within a cascade the burst begins with it, whatever came by chance in the seconds before. */
function burstOf({ startTime, firsts }: RunningCascade, event: HubEvent): Pick<Flow, "burstStart" | "firstHere" | "firstElsewhere"> {
  let firstElsewhere: Flow["firstElsewhere"] = null;
  for (const exchange of EXCHANGES) {
    const time = firsts[exchange];
    if (exchange === event.exchange || time === undefined || time >= (firstElsewhere?.time ?? Infinity)) continue;
    firstElsewhere = { exchange, time };
  }
  return { burstStart: startTime, firstHere: firsts[event.exchange] ?? event.event_time, firstElsewhere };
}
