import type { Coverage, ExchangeName } from "../liquidation.ts";

/** Length of the window, days. */
export const CONTAGION_DAYS = 14;
/** A venue with fewer events is not compared. */
export const MIN_EVENTS = 200;
/** A venue that was covered for a smaller share of the window is not compared. */
export const MIN_VENUE_COVERED = 0.9;
/** The share of the window in which all compared venues must be covered. */
export const MIN_COVERED = 0.8;
/** The base asset whose liquidations are tested for what they trigger in others. */
export const LEADING_SYMBOL = "BTC";
/** Raise it whenever the same events would give other numbers. */
export const CONTAGION_METHOD = "hawkes-em-1";

/**
 * Why there is no matrix: `not_fitted`: no fit has been stored for the base asset; `days_missing`: a day of the window has no
 * complete daily file; `too_few_venues`: only one venue, or none, has the events and the coverage; `gaps`: the compared
 * venues were covered together for too little of the window.
 */
export const WITHHELD_REASONS = ["not_fitted", "days_missing", "too_few_venues", "gaps"] as const;
export interface Withheld {
  readonly reason: (typeof WITHHELD_REASONS)[number];
  readonly detail: string;
}

export const LEFT_OUT_REASONS = ["too_few_events", "gaps"] as const;

/** A venue of the window. */
export interface ContagionVenue {
  readonly exchange: ExchangeName;
  readonly coverage: Coverage;
  /** Whether its feed publishes only some of its liquidations. */
  readonly throttled: boolean;
  /** Number of its events in the window, or in the part that was fitted where it was compared. */
  readonly events: number;
  /** Share of the window in which it was covered. */
  readonly covered_share: number;
  /** Time resolution of its feed, ms. */
  readonly resolution_ms: number;
  /** Null where it is compared. */
  readonly left_out: (typeof LEFT_OUT_REASONS)[number] | null;
}

/**
 * What liquidations of one stream trigger in another one. All estimates are null where the entry does not beat its null; then
 * `reason` says so.
 */
export interface ContagionEffect {
  readonly reason: "not_beyond_chance" | null;
  /** Chance of such a score without excitement, raised for all entries tested. */
  readonly p_value: number;
  /** Mean number of events that one event triggers directly, with its 95 % interval. */
  readonly ratio: number | null;
  readonly ratio_low: number | null;
  readonly ratio_high: number | null;
  /** Share of the target's events that the source triggered directly, with its 95 % interval. */
  readonly share_of_events: number | null;
  readonly share_low: number | null;
  readonly share_high: number | null;
  /** Mean time from an event to one it triggers, with the floor, s. */
  readonly delay_s: number | null;
  /** No lag up to this one is counted or claimed, ms; null from a stream to itself, where no order between clocks is at stake. */
  readonly floor_ms: number | null;
  /** Whether the source triggers more events in the target than the other way round, by the 95 % interval of the difference. */
  readonly outweighs_reverse: boolean | null;
}

export interface ContagionEntry extends ContagionEffect {
  readonly from_exchange: ExchangeName;
  readonly to_exchange: ExchangeName;
}

/** The largest eigenvalue of the matrix of ratios: from 1 on, a cascade never ends by itself. */
export interface SpectralRadius {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** The fit of a base asset over a window. Times in ms. */
export interface Contagion {
  readonly symbol: string;
  readonly start_time: number;
  readonly end_time: number;
  readonly method: string;
  readonly withheld: Withheld | null;
  readonly venues: readonly ContagionVenue[];
  /** Share of the window in which all compared venues were covered; null without a matrix. */
  readonly covered_share: number | null;
  /** Every compared venue to every other and to itself; empty without a matrix. */
  readonly entries: readonly ContagionEntry[];
  readonly spectral_radius: SpectralRadius | null;
  /** Number of nulls that each entry between venues was tested against; null without a matrix. */
  readonly nulls: number | null;
  /** What BTC on all compared venues triggers in this base asset; null for BTC itself, and without its events. */
  readonly from_btc: ContagionEffect | null;
}

export function withheldContagion(
  window: Pick<Contagion, "symbol" | "start_time" | "end_time">,
  withheld: Withheld,
  venues: readonly ContagionVenue[] = [],
): Contagion {
  const nothing = { covered_share: null, entries: [], spectral_radius: null, nulls: null, from_btc: null };
  return { ...window, method: CONTAGION_METHOD, withheld, venues, ...nothing };
}
