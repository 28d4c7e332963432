import type { COVERAGES, EXCHANGES, LIQUIDATION_FIELDS, ORDER_SIDES, POSITION_SIDES, PRICE_KINDS } from "./liquidation-fields.ts";

export type ExchangeName = (typeof EXCHANGES)[number];
export type PositionSide = (typeof POSITION_SIDES)[number];
export type OrderSide = (typeof ORDER_SIDES)[number];
export type PriceKind = (typeof PRICE_KINDS)[number];
export type Coverage = (typeof COVERAGES)[number];

type Field = (typeof LIQUIDATION_FIELDS)[number];
type BareValue<F> = F extends { readonly values: readonly (infer V)[] } ? V : F extends { readonly type: "text" } ? string : number;
type Value<F> = F extends { readonly nullable: true } ? BareValue<F> | null : BareValue<F>;

/** One liquidation, complete: the record that is journaled, stored in every sink and answered by the API. */
export type Liquidation = { readonly [F in Field as F["name"]]: Value<F> };

/** What the venue itself said of a liquidation: all an adapter can know from the frame and the instrument table. */
export type VenueLiquidation = Pick<
  Liquidation,
  | "event_id"
  | "exchange"
  | "instrument"
  | "symbol"
  | "quote"
  | "event_time"
  | "position_side"
  | "order_side"
  | "price"
  | "price_kind"
  | "quantity"
  | "contracts"
  | "usd_value"
  | "order_type"
  | "time_in_force"
  | "order_status"
  | "average_price"
  | "limit_price"
  | "last_filled_quantity"
  | "bankruptcy_loss"
  | "coverage"
  | "adapter_version"
>;

/** What the venue's market streams said at the event. */
export type MarketFields = Pick<
  Liquidation,
  | "notional_mark_usd"
  | "mark_price"
  | "mark_age_ms"
  | "index_price"
  | "funding_rate"
  | "open_interest_usd"
  | "best_bid"
  | "best_ask"
  | "book_age_ms"
  | "spread_bps"
  | "slippage_to_mark_bps"
  | "bid_depth_usd"
  | "ask_depth_usd"
  | "imbalance_ratio"
  | "depth_share"
  | "volatility_5m"
>;

/** What all venues together said at the event: computed by the hub. */
export type CrossVenueFields = Pick<
  Liquidation,
  | "cum_usd_1m"
  | "cum_usd_5m"
  | "cum_usd_15m"
  | "cum_events_1m"
  | "velocity_usd_per_s"
  | "branching_ratio"
  | "cascade_score"
  | "score_kind"
  | "cascade_id"
  | "concurrent_exchanges"
  | "cross_exchange_lag_ms"
  | "lag_resolution_ms"
  | "dominant_exchange"
>;
