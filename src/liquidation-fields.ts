/**
 * The list of a liquidation's fields. The TypeScript record, the Parquet schema, the D1 and Supabase columns and the
 * OpenAPI document are derived from it, so a field is added here and nowhere else.
 *
 * Names carry the units. `null` means unknown, not applicable or too old; zero is a measured zero.
 */

/**
 * The names of all venues. Append only: the hub's stored history refers to a venue by its place in this list. The
 * adapter of a venue is registered in `exchanges/registry.ts`.
 */
export const EXCHANGES = ["binance", "bybit", "okx", "kucoin", "bitfinex"] as const;
export const POSITION_SIDES = ["long", "short"] as const;
export const ORDER_SIDES = ["sell", "buy"] as const;
export const PRICE_KINDS = ["average_fill", "bankruptcy", "liquidation_mark", "acquired", "mark"] as const;
export const COVERAGES = ["all_reported", "largest_per_second", "sampled", "inferred", "none"] as const;
export const SOURCES = ["stream", "backfill", "replay"] as const;
export const SCORE_KINDS = ["heuristic", "calibrated"] as const;

/** Raise it whenever a field is added or removed, or changes its meaning. */
export const SCHEMA_VERSION = 1;

/**
 * `time` is integer milliseconds since 1970 UTC (a UTC millisecond timestamp in Parquet, `timestamptz` in
 * Supabase); `double` is IEEE 754 binary64; `int32` and `int64` are whole numbers (int64 within 2^53).
 */
export type FieldType = "text" | "time" | "double" | "int32" | "int64";

/**
 * The origin of a field: `venue`, the venue's frame; `collector`, the arrival of the frame; `market`, the venue's market
 * streams at the time of the event; `cross_venue`, all venues at the time of the event; `impact`, known only afterwards.
 */
export type FieldGroup = "venue" | "collector" | "market" | "cross_venue" | "impact";

export interface FieldSpec {
  readonly name: string;
  readonly group: FieldGroup;
  readonly type: FieldType;
  readonly nullable: boolean;
  /** The allowed values of an enumeration. */
  readonly values?: readonly string[];
  readonly description: string;
}

export const LIQUIDATION_FIELDS = [
  // identity
  {
    name: "event_id",
    group: "venue",
    type: "text",
    nullable: false,
    description: "Id of the event, a pure function of the venue's own fields: the same over reconnect, replay and REST.",
  },
  { name: "exchange", group: "venue", type: "text", nullable: false, values: EXCHANGES, description: "Name of the venue." },
  {
    name: "instrument",
    group: "venue",
    type: "text",
    nullable: false,
    description: "Name of the contract on the venue, such as BTCUSDT, BTC-USDT-SWAP or tBTCF0:USTF0.",
  },
  {
    name: "symbol",
    group: "venue",
    type: "text",
    nullable: false,
    description: "Base asset. Multiplier prefixes such as in 1000PEPE are removed, and price and quantity are rescaled.",
  },
  { name: "quote", group: "venue", type: "text", nullable: false, description: "Quote asset, such as USDT, USDC, USD or BTC." },
  { name: "event_time", group: "venue", type: "time", nullable: false, description: "Time of the liquidation according to the venue." },
  {
    name: "received_time",
    group: "collector",
    type: "time",
    nullable: false,
    description: "Time at which the frame reached the collector.",
  },
  // core
  {
    name: "position_side",
    group: "venue",
    type: "text",
    nullable: false,
    values: POSITION_SIDES,
    description: "Side of the closed position.",
  },
  {
    name: "order_side",
    group: "venue",
    type: "text",
    nullable: false,
    values: ORDER_SIDES,
    description: "Side of the closing order: a sell closes a long.",
  },
  {
    name: "price",
    group: "venue",
    type: "double",
    nullable: true,
    description:
      "Price in quote per base unit, of the kind in price_kind; null only where the venue gave none and no fresh mark price was known.",
  },
  {
    name: "price_kind",
    group: "venue",
    type: "text",
    nullable: false,
    values: PRICE_KINDS,
    description:
      "Kind of price: average_fill is the average fill of the closing order, bankruptcy the bankruptcy price of the position, liquidation_mark the mark price of the liquidation, acquired the price at which the venue took over the position, mark the mark price where the venue gave none.",
  },
  {
    name: "quantity",
    group: "venue",
    type: "double",
    nullable: true,
    description: "Quantity in base units, never in contracts; null where the contract size is unknown.",
  },
  {
    name: "contracts",
    group: "venue",
    type: "double",
    nullable: true,
    description: "Number of contracts as given by the venue; null where the venue does not count contracts.",
  },
  {
    name: "usd_value",
    group: "venue",
    type: "double",
    nullable: true,
    description:
      "Value in USD: quantity × price, with USDT and USDC taken as 1 USD; for inverse contracts, contracts × contract value. Null where the contract size, the price or the worth of the quote in USD is unknown.",
  },
  {
    name: "notional_mark_usd",
    group: "market",
    type: "double",
    nullable: true,
    description:
      "Notional in USD at the mark price: quantity × mark_price. Comparable between venues, whose price_kind differs; null where mark_price is unknown.",
  },
  // order
  {
    name: "order_type",
    group: "venue",
    type: "text",
    nullable: true,
    description: "Type of the closing order, such as LIMIT; null where the venue does not report it.",
  },
  {
    name: "time_in_force",
    group: "venue",
    type: "text",
    nullable: true,
    description: "Time in force of the closing order, such as IOC; null where the venue does not report it.",
  },
  {
    name: "order_status",
    group: "venue",
    type: "text",
    nullable: true,
    description: "Status of the closing order, such as FILLED; null where the venue does not report it.",
  },
  {
    name: "average_price",
    group: "venue",
    type: "double",
    nullable: true,
    description: "Average fill price of the closing order; null where the venue does not report it.",
  },
  {
    name: "limit_price",
    group: "venue",
    type: "double",
    nullable: true,
    description: "Limit price of the closing order; null where the venue does not report it.",
  },
  {
    name: "last_filled_quantity",
    group: "venue",
    type: "double",
    nullable: true,
    description: "Last filled quantity of the closing order in base units; null where the venue does not report it.",
  },
  {
    name: "bankruptcy_loss",
    group: "venue",
    type: "double",
    nullable: true,
    description: "Bankruptcy loss; null where the venue does not report it.",
  },
  // market, known at the event
  {
    name: "mark_price",
    group: "market",
    type: "double",
    nullable: true,
    description: "Last mark price received from this venue before the event; null if older than 10 s.",
  },
  {
    name: "mark_age_ms",
    group: "market",
    type: "int32",
    nullable: true,
    description: "Age of mark_price when the event was received, ms.",
  },
  { name: "index_price", group: "market", type: "double", nullable: true, description: "Index price on this venue." },
  {
    name: "funding_rate",
    group: "market",
    type: "double",
    nullable: true,
    description: "Current funding rate on this venue, per funding interval.",
  },
  {
    name: "open_interest_usd",
    group: "market",
    type: "double",
    nullable: true,
    description:
      "Open interest of one side of the instrument on this venue × mark price, USD. Before adapter_version 2 Bybit's value was twice as high.",
  },
  { name: "best_bid", group: "market", type: "double", nullable: true, description: "Best bid in this venue's order book." },
  { name: "best_ask", group: "market", type: "double", nullable: true, description: "Best ask in this venue's order book." },
  {
    name: "book_age_ms",
    group: "market",
    type: "int32",
    nullable: true,
    description: "Age of the order book when the event was received, ms.",
  },
  { name: "spread_bps", group: "market", type: "double", nullable: true, description: "Spread in bps: 10⁴ (ask − bid) / mid." },
  {
    name: "slippage_to_mark_bps",
    group: "market",
    type: "double",
    nullable: true,
    description:
      "Slippage in bps: 10⁴ (price − mark) / mark, positive where the price is worse for the liquidated side. Its meaning depends on price_kind.",
  },
  {
    name: "bid_depth_usd",
    group: "market",
    type: "double",
    nullable: true,
    description: "Bid depth in USD: at most 20 levels within 25 bps of the mid price.",
  },
  {
    name: "ask_depth_usd",
    group: "market",
    type: "double",
    nullable: true,
    description: "Ask depth in USD: at most 20 levels within 25 bps of the mid price.",
  },
  {
    name: "imbalance_ratio",
    group: "market",
    type: "double",
    nullable: true,
    description: "Imbalance of the depth: (bid − ask) / (bid + ask), −1 to 1 (Cont, Kukanov & Stoikov 2014).",
  },
  {
    name: "depth_share",
    group: "market",
    type: "double",
    nullable: true,
    description: "Share of the depth taken: usd_value / depth on the side that the closing order hits.",
  },
  {
    name: "volatility_5m",
    group: "market",
    type: "double",
    nullable: true,
    description:
      "Realized volatility: √Σr² over one-second log returns of the mark price in the last 5 min, not annualized; null with fewer than 60 returns.",
  },
  // cascade, known at the event
  {
    name: "cum_usd_1m",
    group: "cross_venue",
    type: "double",
    nullable: true,
    description: "Sum of usd_value over (t − 1 min, t], all venues, same symbol and position side, including this event.",
  },
  {
    name: "cum_usd_5m",
    group: "cross_venue",
    type: "double",
    nullable: true,
    description: "Sum of usd_value over (t − 5 min, t], as cum_usd_1m.",
  },
  {
    name: "cum_usd_15m",
    group: "cross_venue",
    type: "double",
    nullable: true,
    description: "Sum of usd_value over (t − 15 min, t], as cum_usd_1m.",
  },
  {
    name: "cum_events_1m",
    group: "cross_venue",
    type: "int32",
    nullable: true,
    description: "Number of events over (t − 1 min, t], as cum_usd_1m.",
  },
  {
    name: "velocity_usd_per_s",
    group: "cross_venue",
    type: "double",
    nullable: true,
    description: "Exponentially weighted velocity, USD per second: v ← v·e^(−Δ/60 s) + usd/60.",
  },
  {
    name: "branching_ratio",
    group: "cross_venue",
    type: "double",
    nullable: true,
    description:
      "Branching ratio of the exponential Hawkes fit for the symbol and side (Hawkes 1971; Filimonov & Sornette 2012); null with fewer than 200 events.",
  },
  {
    name: "cascade_score",
    group: "cross_venue",
    type: "double",
    nullable: true,
    description: "Cascade score, 0 to 100, a blend of percentiles of the kind in score_kind.",
  },
  {
    name: "score_kind",
    group: "cross_venue",
    type: "text",
    nullable: true,
    values: SCORE_KINDS,
    description: "Kind of cascade_score: heuristic until the score is calibrated.",
  },
  {
    name: "cascade_id",
    group: "cross_venue",
    type: "text",
    nullable: true,
    description: "Id of the running cascade that this event belongs to; null where there is none.",
  },
  // venues, known at the event
  {
    name: "concurrent_exchanges",
    group: "cross_venue",
    type: "int32",
    nullable: true,
    description: "Number of venues with an event of the same symbol and side in (t − 10 s, t].",
  },
  {
    name: "cross_exchange_lag_ms",
    group: "cross_venue",
    type: "int32",
    nullable: true,
    description: "Lag behind the first event of the running burst on another venue, ms; null where no other venue has one.",
  },
  {
    name: "lag_resolution_ms",
    group: "cross_venue",
    type: "int32",
    nullable: true,
    description: "Resolution of cross_exchange_lag_ms, ms: the resolutions of the two feeds, added.",
  },
  {
    name: "dominant_exchange",
    group: "cross_venue",
    type: "text",
    nullable: true,
    values: EXCHANGES,
    description: "Venue with the largest share of usd_value over the last 5 min.",
  },
  // after the event
  {
    name: "impact_1s_bps",
    group: "impact",
    type: "double",
    nullable: true,
    description:
      "Price impact after 1 s, bps: 10⁴ (mark(t+1 s) − mark(t⁻)) / mark(t⁻), positive in the direction of the forced flow. Known only after the event and never an input of a signal.",
  },
  { name: "impact_5s_bps", group: "impact", type: "double", nullable: true, description: "Price impact after 5 s, bps, as impact_1s_bps." },
  {
    name: "impact_60s_bps",
    group: "impact",
    type: "double",
    nullable: true,
    description: "Price impact after 60 s, bps, as impact_1s_bps.",
  },
  // provenance
  {
    name: "coverage",
    group: "venue",
    type: "text",
    nullable: false,
    values: COVERAGES,
    description: "Share of the venue's liquidations that its feed carries, by the venue's own documentation.",
  },
  {
    name: "gap_before_ms",
    group: "collector",
    type: "int64",
    nullable: false,
    description: "Length of the gap that ended just before this event, ms; 0 if there was none.",
  },
  {
    name: "source",
    group: "collector",
    type: "text",
    nullable: false,
    values: SOURCES,
    description: "Source of the row: live stream, REST backfill after a gap, or replay of recorded frames.",
  },
  { name: "schema_version", group: "collector", type: "int32", nullable: false, description: "Version of this list of fields." },
  {
    name: "adapter_version",
    group: "venue",
    type: "int32",
    nullable: false,
    description: "Version of the venue adapter that read the frame.",
  },
] as const satisfies readonly FieldSpec[];
