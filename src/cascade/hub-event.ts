import type { Liquidation } from "../liquidation.ts";

/** The fields of a liquidation that the hub reads: a stored one can be replayed with them. */
export type HubEvent = Pick<
  Liquidation,
  | "event_id"
  | "exchange"
  | "symbol"
  | "event_time"
  | "received_time"
  | "position_side"
  | "usd_value"
  | "notional_mark_usd"
  | "mark_price"
  | "index_price"
  | "funding_rate"
  | "imbalance_ratio"
  | "depth_share"
  | "volatility_5m"
  | "coverage"
>;
