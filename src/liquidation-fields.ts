/**
 * The one list of a liquidation's fields. The TypeScript record, the Parquet schema, the D1 and Supabase
 * columns and the API's document are all derived from it, so a field is added here and nowhere else.
 *
 * Units stand in the names; `null` is unknown, not applicable or too old, zero is a measured zero.
 */

/**
 * Every venue by name. Append only: the hub's stored history names a venue by its place in this list. The adapter of a
 * new one is registered in `exchanges/registry.ts`.
 */
export const EXCHANGES = ["binance", "bybit", "okx", "kucoin", "bitfinex"] as const;
export const POSITION_SIDES = ["long", "short"] as const;
export const ORDER_SIDES = ["sell", "buy"] as const;
export const PRICE_KINDS = ["average_fill", "bankruptcy", "liquidation_mark", "acquired", "mark"] as const;
export const COVERAGES = ["all_reported", "largest_per_second", "sampled", "inferred", "none"] as const;
export const SOURCES = ["stream", "backfill", "replay"] as const;
export const SCORE_KINDS = ["heuristic", "calibrated"] as const;

/** Raised whenever a field is added, removed or changes its meaning. */
export const SCHEMA_VERSION = 1;

/**
 * `time` is integer milliseconds since 1970 UTC (a UTC millisecond timestamp in Parquet, `timestamptz` in
 * Supabase); `double` is IEEE 754 binary64; `int32` and `int64` are whole numbers (int64 within 2^53).
 */
export type FieldType = "text" | "time" | "double" | "int32" | "int64";

/**
 * Who knows a field, and when: `venue`, the venue's own word in the frame; `collector`, how the frame came to us; `market`,
 * the venue's market streams at the event; `cross_venue`, all venues together at the event; `impact`, only what came after.
 */
export type FieldGroup = "venue" | "collector" | "market" | "cross_venue" | "impact";

export interface FieldSpec {
  readonly name: string;
  readonly group: FieldGroup;
  readonly type: FieldType;
  readonly nullable: boolean;
  /** The only values the field takes, for text fields that are enumerations. */
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
    description: "Pure function of the venue's own fields; the same over reconnect, replay and REST.",
  },
  { name: "exchange", group: "venue", type: "text", nullable: false, values: EXCHANGES, description: "Venue." },
  {
    name: "instrument",
    group: "venue",
    type: "text",
    nullable: false,
    description: "The venue's own name of the contract, e.g. BTCUSDT, BTC-USDT-SWAP, tBTCF0:USTF0.",
  },
  {
    name: "symbol",
    group: "venue",
    type: "text",
    nullable: false,
    description: "Base asset; multiplier prefixes such as 1000PEPE are removed, price and quantity rescaled.",
  },
  { name: "quote", group: "venue", type: "text", nullable: false, description: "Quote asset: USDT, USDC or USD." },
  { name: "event_time", group: "venue", type: "time", nullable: false, description: "The venue's time of the liquidation." },
  { name: "received_time", group: "collector", type: "time", nullable: false, description: "When the frame reached the collector." },
  // core
  {
    name: "position_side",
    group: "venue",
    type: "text",
    nullable: false,
    values: POSITION_SIDES,
    description: "Whose position was closed.",
  },
  {
    name: "order_side",
    group: "venue",
    type: "text",
    nullable: false,
    values: ORDER_SIDES,
    description: "The closing order: a long is closed by a sell.",
  },
  {
    name: "price",
    group: "venue",
    type: "double",
    nullable: true,
    description:
      "In quote per base unit; what it is says price_kind. Null only where the venue gave none and no fresh mark price was known.",
  },
  {
    name: "price_kind",
    group: "venue",
    type: "text",
    nullable: false,
    values: PRICE_KINDS,
    description:
      "What price is: Binance average fill, Bybit bankruptcy price, OKX liquidation mark price, Bitfinex acquired price or, where that is missing, the mark price.",
  },
  {
    name: "quantity",
    group: "venue",
    type: "double",
    nullable: true,
    description: "Base units, never contracts; null where the contract size is unknown.",
  },
  {
    name: "contracts",
    group: "venue",
    type: "double",
    nullable: true,
    description: "As the venue gave it, where the venue counts contracts.",
  },
  {
    name: "usd_value",
    group: "venue",
    type: "double",
    nullable: true,
    description:
      "quantity × price with USDT and USDC taken as 1 USD; inverse contracts: contracts × contract value. Null where the contract size or price is unknown.",
  },
  {
    name: "notional_mark_usd",
    group: "market",
    type: "double",
    nullable: true,
    description: "quantity × mark_price: comparable between venues, since price_kind differs.",
  },
  // order
  { name: "order_type", group: "venue", type: "text", nullable: true, description: "Binance o, e.g. LIMIT." },
  { name: "time_in_force", group: "venue", type: "text", nullable: true, description: "Binance f, e.g. IOC." },
  { name: "order_status", group: "venue", type: "text", nullable: true, description: "Binance X, e.g. FILLED." },
  { name: "average_price", group: "venue", type: "double", nullable: true, description: "Binance ap." },
  { name: "limit_price", group: "venue", type: "double", nullable: true, description: "Binance p, the limit of the IOC order." },
  { name: "last_filled_quantity", group: "venue", type: "double", nullable: true, description: "Binance l, base units." },
  { name: "bankruptcy_loss", group: "venue", type: "double", nullable: true, description: "OKX bkLoss." },
  // market, known at the event
  {
    name: "mark_price",
    group: "market",
    type: "double",
    nullable: true,
    description: "This venue's mark price, the last received before the event; null if older than 10 s.",
  },
  { name: "mark_age_ms", group: "market", type: "int32", nullable: true, description: "Age of mark_price when the event was received." },
  { name: "index_price", group: "market", type: "double", nullable: true, description: "This venue's index price." },
  {
    name: "funding_rate",
    group: "market",
    type: "double",
    nullable: true,
    description: "This venue's current funding rate, per funding interval.",
  },
  {
    name: "open_interest_usd",
    group: "market",
    type: "double",
    nullable: true,
    description:
      "This venue's open interest of the instrument, one side, × mark price. Bybit's was twice as high before adapter_version 2.",
  },
  { name: "best_bid", group: "market", type: "double", nullable: true, description: "Best bid of the venue's book." },
  { name: "best_ask", group: "market", type: "double", nullable: true, description: "Best ask of the venue's book." },
  { name: "book_age_ms", group: "market", type: "int32", nullable: true, description: "Age of the book when the event was received." },
  { name: "spread_bps", group: "market", type: "double", nullable: true, description: "10⁴ (ask − bid) / mid." },
  {
    name: "slippage_to_mark_bps",
    group: "market",
    type: "double",
    nullable: true,
    description:
      "10⁴ (price − mark) / mark, sign turned so that worse for the liquidated side is positive; its meaning depends on price_kind.",
  },
  {
    name: "bid_depth_usd",
    group: "market",
    type: "double",
    nullable: true,
    description: "Sum over the bid levels held, at most 20 and within 25 bps of mid.",
  },
  {
    name: "ask_depth_usd",
    group: "market",
    type: "double",
    nullable: true,
    description: "Sum over the ask levels held, at most 20 and within 25 bps of mid.",
  },
  {
    name: "imbalance_ratio",
    group: "market",
    type: "double",
    nullable: true,
    description: "(bid − ask) / (bid + ask) depth, −1 to 1 (Cont, Kukanov & Stoikov 2014).",
  },
  {
    name: "depth_share",
    group: "market",
    type: "double",
    nullable: true,
    description: "usd_value / depth on the side the closing order hits.",
  },
  {
    name: "volatility_5m",
    group: "market",
    type: "double",
    nullable: true,
    description: "√Σr² over one-second log mark returns of the last 5 min, not annualised; null under 60 returns.",
  },
  // cascade, known at the event
  {
    name: "cum_usd_1m",
    group: "cross_venue",
    type: "double",
    nullable: true,
    description: "Sum of usd_value over (t − 1 min, t], all venues, same symbol and position side, this event included.",
  },
  { name: "cum_usd_5m", group: "cross_venue", type: "double", nullable: true, description: "The same over 5 min." },
  { name: "cum_usd_15m", group: "cross_venue", type: "double", nullable: true, description: "The same over 15 min." },
  { name: "cum_events_1m", group: "cross_venue", type: "int32", nullable: true, description: "Count of events over (t − 1 min, t]." },
  {
    name: "velocity_usd_per_s",
    group: "cross_venue",
    type: "double",
    nullable: true,
    description: "Exponentially weighted: v ← v·e^(−Δ/60 s) + usd/60.",
  },
  {
    name: "branching_ratio",
    group: "cross_venue",
    type: "double",
    nullable: true,
    description: "Of the exponential Hawkes fit for the symbol and side (Hawkes 1971; Filimonov & Sornette 2012); null under 200 events.",
  },
  {
    name: "cascade_score",
    group: "cross_venue",
    type: "double",
    nullable: true,
    description: "0–100 percentile blend; what it is says score_kind.",
  },
  {
    name: "score_kind",
    group: "cross_venue",
    type: "text",
    nullable: true,
    values: SCORE_KINDS,
    description: "heuristic until the score is calibrated.",
  },
  { name: "cascade_id", group: "cross_venue", type: "text", nullable: true, description: "The running cascade this event belongs to." },
  // venues, known at the event
  {
    name: "concurrent_exchanges",
    group: "cross_venue",
    type: "int32",
    nullable: true,
    description: "Venues with an event of the same symbol and side in (t − 10 s, t].",
  },
  {
    name: "cross_exchange_lag_ms",
    group: "cross_venue",
    type: "int32",
    nullable: true,
    description: "t minus the first event of the running burst on another venue; null where alone.",
  },
  {
    name: "lag_resolution_ms",
    group: "cross_venue",
    type: "int32",
    nullable: true,
    description: "What the two feeds can resolve at best, added up.",
  },
  {
    name: "dominant_exchange",
    group: "cross_venue",
    type: "text",
    nullable: true,
    values: EXCHANGES,
    description: "Largest share of usd_value over the last 5 min.",
  },
  // after the event
  {
    name: "impact_1s_bps",
    group: "impact",
    type: "double",
    nullable: true,
    description:
      "10⁴ (mark(t+1 s) − mark(t⁻)) / mark(t⁻), positive in the direction of the forced flow. Known only after the event, never an input of a signal.",
  },
  { name: "impact_5s_bps", group: "impact", type: "double", nullable: true, description: "The same after 5 s." },
  { name: "impact_60s_bps", group: "impact", type: "double", nullable: true, description: "The same after 60 s." },
  // provenance
  {
    name: "coverage",
    group: "venue",
    type: "text",
    nullable: false,
    values: COVERAGES,
    description: "What share of the venue's liquidations its feed carries, by its own word.",
  },
  {
    name: "gap_before_ms",
    group: "collector",
    type: "int64",
    nullable: false,
    description: "Length of the unheard stretch that ended just before this event, 0 if none.",
  },
  {
    name: "source",
    group: "collector",
    type: "text",
    nullable: false,
    values: SOURCES,
    description: "Live stream, REST backfill after a gap, or replay of recorded frames.",
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
