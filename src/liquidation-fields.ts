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
// oxfmt-ignore
export const EXCHANGES = ["binance", "bybit", "okx", "kucoin", "bitfinex", "deribit", "bitmex", "aster", "lighter", "gate", "bitget", "htx"] as const;
export const POSITION_SIDES = ["long", "short"] as const;
export const ORDER_SIDES = ["sell", "buy"] as const;
export const PRICE_KINDS = ["average_fill", "bankruptcy", "liquidation_mark", "acquired", "mark", "order", "fill"] as const;
export const COVERAGES = [
  "all_reported",
  "largest_per_second",
  "largest_per_side_second",
  "sampled",
  "unknown",
  "inferred",
  "none",
] as const;
export const TIME_KINDS = ["venue", "receipt"] as const;
export const SOURCES = ["stream", "backfill", "replay"] as const;
export const SCORE_KINDS = ["heuristic", "calibrated"] as const;

/** Raise it whenever a field is added or removed, or changes its meaning. */
export const SCHEMA_VERSION = 3;

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

/** A column of a file. */
export interface ColumnSpec {
  readonly name: string;
  readonly type: FieldType;
  readonly nullable: boolean;
  /** The allowed values of an enumeration. */
  readonly values?: readonly string[];
  readonly description: string;
}

export interface FieldSpec extends ColumnSpec {
  readonly group: FieldGroup;
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
  {
    name: "event_time",
    group: "venue",
    type: "time",
    nullable: false,
    description: "Time of the liquidation, of the kind in time_kind: according to the venue, unless the venue gives none.",
  },
  {
    name: "time_kind",
    group: "venue",
    type: "text",
    nullable: true,
    values: TIME_KINDS,
    description:
      "Kind of event_time: venue is the venue's own time, receipt the time at which the frame reached the collector, where the venue gives none. Null before schema_version 3, when it always was the venue's.",
  },
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
      "Kind of price: average_fill is the average fill of the closing order, bankruptcy the bankruptcy price of the position, liquidation_mark the mark price of the liquidation, acquired the price at which the venue took over the position, mark the mark price where the venue gave none, order the price of the closing order, fill the price of a single fill.",
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
      "Notional in USD at the mark price: quantity × mark_price. Comparable between venues, whose price_kind differs; null where mark_price is unknown. Sums add it up where it is known, and usd_value elsewhere.",
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
  // position
  {
    name: "venue_entry_price",
    group: "venue",
    type: "double",
    nullable: true,
    description:
      "Average entry price of the liquidated position, in quote per base unit; null where the venue does not report it, or before schema_version 3.",
  },
  {
    name: "venue_leverage",
    group: "venue",
    type: "double",
    nullable: true,
    description:
      "Leverage of the liquidated position: its value over its initial margin; null where the venue does not report it, or before schema_version 3.",
  },
  {
    name: "venue_position_quantity",
    group: "venue",
    type: "double",
    nullable: true,
    description:
      "Size of the position before this liquidation, in base units; null where the venue does not report it, or before schema_version 3.",
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
  {
    name: "index_price",
    group: "market",
    type: "double",
    nullable: true,
    description: "Index price on this venue; null if older than 30 s.",
  },
  {
    name: "funding_rate",
    group: "market",
    type: "double",
    nullable: true,
    description: "Current funding rate on this venue, per funding interval; null if older than 120 s.",
  },
  {
    name: "open_interest_usd",
    group: "market",
    type: "double",
    nullable: true,
    description:
      "Open interest of one side of the instrument on this venue × mark price, USD; null if older than 60 s. Before adapter_version 2 Bybit's value was twice as high.",
  },
  {
    name: "best_bid",
    group: "market",
    type: "double",
    nullable: true,
    description: "Best bid in this venue's order book; null if older than 10 s.",
  },
  {
    name: "best_ask",
    group: "market",
    type: "double",
    nullable: true,
    description: "Best ask in this venue's order book; null if older than 10 s.",
  },
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
    name: "depth_reach_bps",
    group: "market",
    type: "double",
    nullable: true,
    description:
      "Distance of the farthest known level from the mid price, bps, the smaller of both sides. The depth is known where it is 25 or more; null where no book is known, or before schema_version 2.",
  },
  {
    name: "bid_depth_usd",
    group: "market",
    type: "double",
    nullable: true,
    description:
      "Bid depth in USD: all levels within 25 bps of the mid price; null where depth_reach_bps is under 25 or the book is older than 10 s. Before schema_version 2 at most 20 levels.",
  },
  {
    name: "ask_depth_usd",
    group: "market",
    type: "double",
    nullable: true,
    description: "Ask depth in USD, as bid_depth_usd.",
  },
  {
    name: "imbalance_ratio",
    group: "market",
    type: "double",
    nullable: true,
    description:
      "Imbalance of the depth: (bid − ask) / (bid + ask), −1 to 1 (Cont, Kukanov & Stoikov 2014); null where the depth is unknown.",
  },
  {
    name: "depth_share",
    group: "market",
    type: "double",
    nullable: true,
    description:
      "Share of the depth taken: notional_mark_usd, or usd_value where that is unknown, ÷ depth on the side that the closing order hits.",
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
    description:
      "Sum of notional_mark_usd, or usd_value where that is unknown, over (t − 1 min, t], all venues, same symbol and position side, including this event. Before schema_version 2 of usd_value alone.",
  },
  {
    name: "cum_usd_5m",
    group: "cross_venue",
    type: "double",
    nullable: true,
    description: "Sum over (t − 5 min, t], as cum_usd_1m.",
  },
  {
    name: "cum_usd_15m",
    group: "cross_venue",
    type: "double",
    nullable: true,
    description: "Sum over (t − 15 min, t], as cum_usd_1m.",
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
    description: "Exponentially weighted velocity, USD per second: v ← v·e^(−Δ/60 s) + usd/60, with usd as in cum_usd_1m.",
  },
  {
    name: "branching_ratio",
    group: "cross_venue",
    type: "double",
    nullable: true,
    description:
      "Clustering of the symbol and side over the last 24 h: the mean number of liquidations that one is followed by beyond the base rate, of an exponential Hawkes fit (Hawkes 1971; Filimonov & Sornette 2012) to the venues that report all, with a base rate free in each 15 min. Null with fewer than 200 events or where the fit does not settle.",
  },
  {
    name: "branching_ratio_se",
    group: "cross_venue",
    type: "double",
    nullable: true,
    description:
      "Standard error of branching_ratio; a ratio within two of them of 0 shows no clustering. Null where branching_ratio is null.",
  },
  {
    name: "cascade_score",
    group: "cross_venue",
    type: "double",
    nullable: true,
    description:
      "Cascade score, 0 to 100, of the kind in score_kind: 100·x / (1 + x), where x is the velocity over its median × √(events in the last minute over their median), medians over the liquidations of the symbol and side in the last 7 days. 50 is like the median liquidation.",
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
    name: "burst_age_ms",
    group: "cross_venue",
    type: "int32",
    nullable: true,
    description:
      "Age of the running burst: t minus its first event on any venue, ms. Events of the same symbol and side at most 10 s apart form one burst; within a cascade the burst begins with it.",
  },
  {
    name: "cross_exchange_lag_ms",
    group: "cross_venue",
    type: "int32",
    nullable: true,
    description:
      "Lag of this venue in the running burst (see burst_age_ms), ms: its first event minus the first one elsewhere, negative where this venue led. Null while no other venue has one.",
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
    description: "Venue with the largest share of the sum cum_usd_5m.",
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
