import type { CascadeAdl } from "../adl/adl-history.ts";
import type { Gap } from "../gap.ts";
import type { ExchangeName, PositionSide } from "../liquidation.ts";
import { CASCADE_WINDOW_S } from "./settled-seconds.ts";

/** The thresholds of the state machine; each record carries those it was made with. */
export interface CascadeConstants {
  /** Length of the detection window, s. */
  readonly window_s: typeof CASCADE_WINDOW_S;
  readonly min_events: number;
  /** Minimum USD in the window, by base asset; `*` for all others. */
  readonly floor_usd: Readonly<Record<string, number>>;
  /** Quantile of the last 7 days that the velocity must reach. */
  readonly velocity_quantile: number;
  /** Minimum move of the mark price over the window in σ·√window, with the σ of one-second returns before the flow began. */
  readonly move_sigmas: number;
  /** Minimum share of this side in the USD of both sides over the window. */
  readonly side_dominance: number;
  /** Share of the peak velocity below which a cascade starts to cool. */
  readonly cooling_velocity_share: number;
  /** Time the velocity must stay below that share, s. */
  readonly cooling_s: number;
  /**
   * Time without an event at which the window reaches its minimum USD, after which the cascade has ended; cascades this
   * close together are merged, s.
   */
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
  /** Time of the event with which the flow began. */
  readonly start_time: number;
  /** Time of the event that completed the second with the most USD. */
  readonly peak_time: number;
  /** Time of the last event at which the window reached its minimum USD; null while the cascade runs. */
  readonly end_time: number | null;
  readonly events: number;
  readonly usd: number;
  /** The most USD in any one second. */
  readonly peak_usd_per_s: number;
  /** The most USD in any five seconds; null in records of before 2026-11-28. */
  readonly peak_5s_usd: number | null;
  /** Venue whose own flow began first; null where no venue is known to have begun more than half a second before the others. */
  readonly first_exchange: ExchangeName | null;
  /** Probability of that, above 0.5; null with the venue, and in records of before 2026-11-28. */
  readonly first_exchange_probability: number | null;
  readonly exchanges: readonly ExchangeName[];
  /** Mark prices at events, of the venue with the largest move. */
  readonly start_mark: number | null;
  readonly extreme_mark: number | null;
  /** Move from start to extreme, positive in the direction of the forced flow. */
  readonly move_bps: number | null;
  readonly severity: Severity;
  readonly market_wide: boolean;
  /** Periods within the cascade in which a venue was not connected. */
  readonly gaps: readonly Gap[];
  /**
   * What the venues published of their auto-deleveraging of the base asset during the cascade; empty where none did. Null where
   * it was not followed: in a replay, and in records of before 2026-11-29.
   */
  readonly adl_states: readonly CascadeAdl[] | null;
  readonly constants: CascadeConstants;
}

/**
 * `started`: it became active (a building cascade is not published; a cascade that resumes within `end_s` has the same
 * id again). `escalated`: it became more severe or market-wide. `ended`.
 */
export interface CascadeTransition {
  readonly kind: "started" | "escalated" | "ended";
  readonly record: CascadeRecord;
}

export function floorUsd(symbol: string, { floor_usd }: CascadeConstants): number {
  return floor_usd[symbol] ?? floor_usd["*"] ?? 0;
}

/**
 * 1, plus one each for: USD at least 4 times the minimum, at least 16 times the minimum, a move at least twice the
 * required one, market-wide. A definition of our own: it ranks size and is not a forecast.
 */
export function severityOf(usd: number, floor: number, moveBps: number, activeBps: number, marketWide: boolean): Severity {
  const reached = [usd >= 4 * floor, usd >= 16 * floor, moveBps >= 2 * activeBps, marketWide].filter(Boolean).length;
  return ([1, 2, 3, 4, 5] as const)[reached] ?? 5;
}
