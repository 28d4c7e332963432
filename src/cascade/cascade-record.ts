import type { Gap } from "../gap.ts";
import type { ExchangeName, PositionSide } from "../liquidation.ts";
import { CASCADE_WINDOW_S } from "./flow-pass.ts";

/** Every threshold of the state machine; each record carries those it was made with. */
export interface CascadeConstants {
  /** The window of the sums, s. */
  readonly window_s: typeof CASCADE_WINDOW_S;
  readonly min_events: number;
  /** The window's least USD, by base asset; `*` for all others. */
  readonly floor_usd: Readonly<Record<string, number>>;
  /** Velocity must reach this quantile of its own last 7 days. */
  readonly velocity_quantile: number;
  /** The mark must have moved by this many σ·√window, σ of one-second returns as it was when the cascade began. */
  readonly move_sigmas: number;
  /** Least share of this side in the USD of both over the window. */
  readonly side_dominance: number;
  /** Cooling: velocity under this share of its peak … */
  readonly cooling_velocity_share: number;
  /** … for this long, s. */
  readonly cooling_s: number;
  /** Ended: this long without an event at which the window holds the floor; neighbours this near are one, s. */
  readonly end_s: number;
  readonly market_wide_symbols: number;
  readonly market_wide_s: number;
}

export const CASCADE_CONSTANTS: CascadeConstants = {
  window_s: CASCADE_WINDOW_S,
  min_events: 4,
  floor_usd: { BTC: 1_000_000, ETH: 500_000, SOL: 250_000, "*": 100_000 },
  velocity_quantile: 0.99,
  move_sigmas: 3,
  side_dominance: 0.65,
  cooling_velocity_share: 0.5,
  cooling_s: 30,
  end_s: 60,
  market_wide_symbols: 3,
  market_wide_s: 60,
};

export type CascadeState = "building" | "active" | "cooling" | "ended";
export type Severity = 1 | 2 | 3 | 4 | 5;

/** Times in ms of event time. */
export interface CascadeRecord {
  readonly cascade_id: string;
  readonly symbol: string;
  readonly position_side: PositionSide;
  readonly state: CascadeState;
  /** The first event of the window in which it began to build. */
  readonly start_time: number;
  readonly peak_time: number;
  /** The last event at which the window held the floor; null while it runs. */
  readonly end_time: number | null;
  readonly events: number;
  readonly usd: number;
  readonly peak_usd_per_s: number;
  readonly first_exchange: ExchangeName;
  readonly exchanges: readonly ExchangeName[];
  /** Mark prices, at events, of the venue whose mark moved furthest. */
  readonly start_mark: number | null;
  readonly extreme_mark: number | null;
  /** From start to extreme, positive in the direction of the forced flow. */
  readonly move_bps: number | null;
  readonly severity: Severity;
  readonly market_wide: boolean;
  /** Stretches within it in which a venue was not heard. */
  readonly gaps: readonly Gap[];
  readonly constants: CascadeConstants;
}

/**
 * `started` it became active (a cascade that only builds is told to nobody; the same id again where it began anew
 * within `end_s`) · `escalated` its severity rose or it became market-wide · `ended`.
 */
export interface CascadeTransition {
  readonly kind: "started" | "escalated" | "ended";
  readonly record: CascadeRecord;
}

export function floorUsd(symbol: string, { floor_usd }: CascadeConstants): number {
  return floor_usd[symbol] ?? floor_usd["*"] ?? 0;
}

/**
 * 1, and one more for each: USD at least 4 floors · at least 16 floors · a move of at least twice what made it active ·
 * market-wide. Of our own making: an order of size, not a forecast.
 */
export function severityOf(usd: number, floor: number, moveBps: number, activeBps: number, marketWide: boolean): Severity {
  const reached = [usd >= 4 * floor, usd >= 16 * floor, moveBps >= 2 * activeBps, marketWide].filter(Boolean).length;
  return ([1, 2, 3, 4, 5] as const)[reached] ?? 5;
}
