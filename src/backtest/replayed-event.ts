import type { Liquidation } from "../liquidation.ts";

/**
 * The fields of a stored liquidation that a replay reads: those that windows, inputs of decisions, marks and the rules of
 * callers are made of.
 */
export const REPLAYED_FIELDS = [
  "event_id",
  "exchange",
  "symbol",
  "event_time",
  "received_time",
  "position_side",
  "price",
  "quantity",
  "usd_value",
  "notional_mark_usd",
  "mark_price",
  "mark_age_ms",
  "index_price",
  "funding_rate",
  "open_interest_usd",
  "spread_bps",
  "slippage_to_mark_bps",
  "bid_depth_usd",
  "ask_depth_usd",
  "imbalance_ratio",
  "depth_share",
  "venue_leverage",
  "volatility_5m",
  "cum_usd_1m",
  "cum_usd_5m",
  "cum_usd_15m",
  "velocity_usd_per_s",
  "branching_ratio",
  "cascade_score",
  "cascade_id",
  "concurrent_exchanges",
  "burst_age_ms",
  "dominant_exchange",
  "coverage",
] as const satisfies readonly (keyof Liquidation)[];

export type ReplayedEvent = Pick<Liquidation, (typeof REPLAYED_FIELDS)[number]>;

/**
 * In the order in which the events became known; at the same moment by id, so that a replay does not depend on the
 * order of the files.
 */
export function byReceipt(a: ReplayedEvent, b: ReplayedEvent): number {
  return a.received_time - b.received_time || (a.event_id < b.event_id ? -1 : a.event_id > b.event_id ? 1 : 0);
}
