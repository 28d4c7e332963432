import type { WindowEstimate } from "../estimates/window-estimate.ts";
import type { Gap } from "../gap.ts";
import type { Coverage, ExchangeName, PositionSide } from "../liquidation.ts";
import type { LaggedCorrelation } from "../market-state/correlations.ts";
import type { Squeeze } from "../market-state/squeeze.ts";
import type { BySide } from "../windows/percentile.ts";
import type { SymbolWindow } from "../windows/symbol-window.ts";
import type { Trigger } from "./trigger.ts";
import type { Action } from "./verdict.ts";

/** Liquidation flow and mark price of one minute; null where no mark was received. */
export interface FlowMinute {
  /** Start of the minute, ms. */
  readonly minute: number;
  readonly long_usd: number;
  readonly short_usd: number;
  readonly mark_high: number | null;
  readonly mark_low: number | null;
  readonly mark_close: number | null;
}

/** State of the market before the decision; null where unknown or too old. */
export interface MarketNow {
  /** The venue whose marks alone the price, returns and deviations, the path and the day's extremes are of. */
  readonly mark_exchange: ExchangeName | null;
  readonly mark_price: number | null;
  /** Start of the minute with the mark price as its close, ms. */
  readonly mark_time: number | null;
  readonly return_5m_bps: number | null;
  readonly return_15m_bps: number | null;
  readonly return_1h_bps: number | null;
  readonly return_24h_bps: number | null;
  /** Standard deviation of a one-minute return before the last 15 minutes, bps. */
  readonly sigma_before_bps: number | null;
  /** This and the following fields come from the latest liquidation of either side. */
  readonly index_price: number | null;
  readonly funding_rate: number | null;
  readonly open_interest_usd: number | null;
  readonly spread_bps: number | null;
  readonly imbalance_ratio: number | null;
  readonly volatility_5m: number | null;
  /** Age of that liquidation at the minute of the decision, ms. */
  readonly event_age_ms: number | null;
}

/** State at the latest liquidation of a side in the last 5 minutes. */
export interface SideFlow {
  readonly age_ms: number;
  readonly cum_usd_1m: number | null;
  readonly cum_usd_5m: number | null;
  readonly cum_usd_15m: number | null;
  readonly velocity_usd_per_s: number | null;
  readonly branching_ratio: number | null;
  readonly cascade_score: number | null;
  readonly concurrent_exchanges: number | null;
  readonly dominant_exchange: string | null;
}

/** The latest cascade of the last hour. */
export interface CascadeNow {
  readonly state: string;
  readonly start_time: number;
  readonly end_time: number | null;
  readonly usd: number;
  readonly peak_usd_per_s: number;
  readonly move_bps: number | null;
  readonly severity: number;
  readonly market_wide: boolean;
}

/** State of one side; null where there was none. */
export interface SideNow {
  readonly latest: SideFlow | null;
  readonly cascade: CascadeNow | null;
}

/** The state of one venue's contract at the last minute of the decision; null where unknown. */
export interface VenueNow {
  /** Share of the venue in the USD of the compared window, 0 to 1. */
  readonly share: number | null;
  readonly funding_rate: number | null;
  /** Hours from one funding to the next: the rate is paid once in this time. */
  readonly funding_interval_hours: number | null;
  /** Share of the hours of the last 7 days in which the rate was lower, 0 to 1. */
  readonly funding_percentile: number | null;
  readonly open_interest_usd: number | null;
  readonly open_interest_change_5m_pct: number | null;
  readonly open_interest_change_1h_pct: number | null;
  readonly open_interest_change_24h_pct: number | null;
  /** Mark price against the index price, bps. */
  readonly basis_bps: number | null;
}

/** Who is crowded, and how the flow went with the market over the last 14 days. */
export interface MarketState {
  readonly squeeze: Squeeze;
  /** The 3 strongest that are distinguishable from none, strongest first; none where they are withheld. */
  readonly correlations: readonly LaggedCorrelation[];
}

/** The USD of a side of the compared window against what is usual at this hour. */
export interface FlowSize {
  /** Median USD of the earlier windows that its percentile is a rank among; null without such a history. */
  readonly median_usd: number | null;
  /** Reported USD ÷ that median: a lower bound where `partial_share` is above 0. Null also where the median is 0. */
  readonly multiple: number | null;
  /** Share of the reported USD from venues that publish a part of their liquidations, whose rest is hidden; 0 to 1. */
  readonly partial_share: number | null;
}

/** The path of the mark price over the minutes of `flow`, in the direction of the forced flow of the dominant side. */
export interface PricePath {
  /** The largest move, bps, and in standard deviations of a return over 15 minutes before the flush. */
  readonly push_bps: number | null;
  readonly push_sigma: number | null;
  /** Share of that move which the price has recovered. */
  readonly retrace_share: number | null;
  /** Minutes since its extreme. */
  readonly extreme_age_minutes: number | null;
  /** Distance of the price from its highest and to its lowest of the last 24 h, bps: both are positive or 0. */
  readonly below_day_high_bps: number | null;
  readonly above_day_low_bps: number | null;
}

/** How much a million USD of the dominant side's liquidations moved the mark price in their direction, bps. */
export interface Absorption {
  /** Over the last 5 minutes of `flow`. */
  readonly now_bps_per_million: number | null;
  /** Over the minutes of `flow` before those. */
  readonly before_bps_per_million: number | null;
}

/** The base assets of the same minute, this one included. */
export interface Breadth {
  readonly symbols: number;
  /** Number with a percentile of at least 0.9 in the compared window. */
  readonly high: number;
  /** Number of those whose dominant side is that of this base asset. */
  readonly high_same_side: number;
}

/** An earlier spike and what trading against and with its forced flow earned over 1 h, after cost. */
export interface NearSpike {
  readonly symbol: string;
  readonly minute: number;
  readonly side: PositionSide;
  /** Distance of its shape from this spike's (`shapeDistance`); 0 is the same shape. */
  readonly distance: number;
  readonly fade_net_return_bps: number;
  readonly follow_net_return_bps: number;
}

/** How often trading the graded spikes before this one earned more than its cost over 1 h; null without any. */
export interface BaseRates {
  /** Number of spikes with a known outcome, at most 500. */
  readonly graded: number;
  readonly fade_hit_rate: number | null;
  readonly follow_hit_rate: number | null;
  readonly fade_mean_net_bps: number | null;
  readonly follow_mean_net_bps: number | null;
  /** Shares in which buying and selling earned, whichever side was liquidated. */
  readonly buy_hit_rate: number | null;
  readonly sell_hit_rate: number | null;
}

/** A decision of the analyst and its outcome over 1 h. */
export interface PastDecision {
  readonly symbol: string;
  readonly minute: number;
  readonly action: Action;
  readonly confidence: number;
  readonly forward_return_bps: number;
  /** After cost; null for NOTHING. */
  readonly net_return_bps: number | null;
}

/** The outcomes of earlier decisions, as far as they were graded before the minute. */
export interface Past {
  /** The 8 nearest, nearest first. */
  readonly nearest: readonly NearSpike[];
  readonly base_rates: BaseRates;
  /** The last 20 of the analyst that decides, newest first. */
  readonly decisions: readonly PastDecision[];
}

/** The windows, without venues. */
export type WindowSummary = Omit<SymbolWindow, "exchanges" | "symbol" | "as_of_time">;

/** The exact input of a decision, stored with it. Everything in it was known at `known_time`. */
export interface SignalInput {
  readonly symbol: string;
  /** The minute whose windows were judged, ms: they end 5 s before it. */
  readonly minute: number;
  /**
   * The time up to which liquidations were known, ms: the minute, or up to a minute earlier where the hub asked for the
   * decision at once. The windows and the last minutes of the flow then hold what had happened so far.
   */
  readonly known_time: number;
  /** The name of the compared window. */
  readonly window: string;
  readonly trigger: Trigger;
  /** The compared window and the standard ones. */
  readonly windows: readonly WindowSummary[];
  /** The estimates of those windows of at least an hour. */
  readonly estimates: readonly WindowEstimate[];
  /** The compared window by venue. */
  readonly exchanges: SymbolWindow["exchanges"];
  readonly coverage: Readonly<Partial<Record<ExchangeName, Coverage>>>;
  /** Periods inside the compared window and its previous one in which a venue was not connected. */
  readonly gaps: readonly Gap[];
  /** The last 15 whole minutes, oldest first. */
  readonly flow: readonly FlowMinute[];
  readonly market: MarketNow;
  readonly sides: Readonly<Record<PositionSide, SideNow>>;
  /** The configured venues. */
  readonly venues: Readonly<Partial<Record<ExchangeName, VenueNow>>>;
  readonly market_state: MarketState;
  readonly size: BySide<FlowSize>;
  readonly path: PricePath;
  readonly absorption: Absorption;
  readonly breadth: Breadth;
  readonly past: Past;
  /** Cost of entry and exit together, bps of 10,000 USD. */
  readonly cost_bps: number;
  /**
   * Standard deviation of a return over 1 h, bps, from the one-minute returns of the last hour, flush included; null where
   * unknown.
   */
  readonly sigma_1h_bps: number | null;
}

/** The compared window of an input. */
export function comparedWindow(input: Pick<SignalInput, "window" | "windows">): WindowSummary {
  const compared = input.windows.find(({ window }) => window === input.window);
  if (compared === undefined) throw new RangeError(`the input has no window ${input.window}`);
  return compared;
}

/**
 * The side with more liquidated USD in the compared window, and its share; null where there is none or a sum is
 * unknown.
 */
export function dominantSide(
  input: Pick<SignalInput, "window" | "windows">,
): { readonly side: PositionSide; readonly share: number } | null {
  return dominantOf(comparedWindow(input).sides);
}

/** The same of the sides of one window. */
export function dominantOf({ long, short }: WindowSummary["sides"]): { readonly side: PositionSide; readonly share: number } | null {
  if (long.usd === null || short.usd === null || long.usd === short.usd) return null;
  const side = long.usd > short.usd ? "long" : "short";
  return { side, share: Math.max(long.usd, short.usd) / (long.usd + short.usd) };
}
