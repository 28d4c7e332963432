import type { Gap } from "../gap.ts";
import type { Coverage, ExchangeName, PositionSide } from "../liquidation.ts";
import type { SymbolWindow } from "../windows/symbol-window.ts";
import type { SpikeSide } from "./spike-rule.ts";

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
  readonly mark_price: number | null;
  /** Start of the minute with the mark price as its close, ms. */
  readonly mark_time: number | null;
  readonly return_5m_bps: number | null;
  readonly return_15m_bps: number | null;
  readonly return_1h_bps: number | null;
  readonly return_24h_bps: number | null;
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

/** The windows, without venues. */
export type WindowSummary = Omit<SymbolWindow, "exchanges" | "symbol" | "as_of_time">;

/** The exact input of a decision, stored with it. Everything in it was known at `minute`. */
export interface SignalInput {
  readonly symbol: string;
  /** The scheduled minute, ms. */
  readonly minute: number;
  /** The name of the compared window. */
  readonly window: string;
  readonly trigger: { readonly sides: readonly SpikeSide[]; readonly severity_usd: number };
  /** The compared window and the standard ones. */
  readonly windows: readonly WindowSummary[];
  /** The compared window by venue. */
  readonly exchanges: SymbolWindow["exchanges"];
  readonly coverage: Readonly<Partial<Record<ExchangeName, Coverage>>>;
  /** Periods inside the compared window and its previous one in which a venue was not connected. */
  readonly gaps: readonly Gap[];
  /** The last 15 whole minutes, oldest first. */
  readonly flow: readonly FlowMinute[];
  readonly market: MarketNow;
  readonly sides: Readonly<Record<PositionSide, SideNow>>;
}

/** The compared window of an input. */
export function comparedWindow(input: SignalInput): WindowSummary {
  const compared = input.windows.find(({ window }) => window === input.window);
  if (compared === undefined) throw new RangeError(`the input has no window ${input.window}`);
  return compared;
}

/**
 * The side with more liquidated USD in the compared window, and its share; null where there is none or a sum is
 * unknown.
 */
export function dominantSide(input: SignalInput): { readonly side: PositionSide; readonly share: number } | null {
  const { long, short } = comparedWindow(input).sides;
  if (long.usd === null || short.usd === null || long.usd === short.usd) return null;
  const side = long.usd > short.usd ? "long" : "short";
  return { side, share: Math.max(long.usd, short.usd) / (long.usd + short.usd) };
}
