import { DurableObject } from "cloudflare:workers";
import type { CrossVenueFields, Liquidation } from "../src/liquidation.ts";

const UNKNOWN: CrossVenueFields = {
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

/** Where the venues meet: takes each feed's liquidations and answers each with what all venues together say of it. */
export class MarketHubObject<Env> extends DurableObject<Env> {
  /** @returns one answer for each liquidation, in the same order; a liquidation offered again gets the same answer */
  observe(liquidations: readonly Liquidation[]): readonly CrossVenueFields[] {
    return liquidations.map(() => UNKNOWN);
  }
}
