import type { ExchangeName } from "./liquidation.ts";

/**
 * Why liquidations are missing. `not_started` covers all the time from 1970 to the first connection; `storage_failed`: the
 * venue was connected, but the feed's storage was full or refused to write; `not_subscribed` is only that of a single
 * contract, which the venue refuses or does not confirm; `suspect`: the venue was connected and sent no liquidation, or none of a
 * base asset, for longer than the activity of the others explains.
 */
export const GAP_REASONS = [
  "not_started",
  "silent",
  "disconnected",
  "blocked",
  "restarted",
  "storage_failed",
  "not_subscribed",
  "suspect",
] as const;
export type GapReason = (typeof GAP_REASONS)[number];

/** A period in which the liquidations of a venue were not received; `to_time` is null while it lasts. Times in ms. */
export interface Gap {
  readonly exchange: ExchangeName;
  readonly from_time: number;
  readonly to_time: number | null;
  readonly reason: GapReason;
}

/** A gap with the number of its liquidations that the venue's history named later, or while it lasted. */
export interface FilledGap extends Gap {
  readonly filled_events: number;
}

/**
 * A period in which a venue was connected, but the liquidations of one contract were not received. It is kept apart from
 * the venue's gaps: the venue's uptime is that of its connection.
 */
export interface ContractGap extends Gap {
  readonly reason: "not_subscribed";
  /** The venue's name of the contract. */
  readonly contract: string;
}

/**
 * A period in which a venue delivered liquidations, but none of one base asset, for longer than the same asset on the other venues
 * explains. Like that of a contract, it is no gap of the venue.
 */
export interface SymbolGap extends Gap {
  readonly reason: "suspect";
  readonly symbol: string;
}

export function isContractGap(gap: Gap): gap is ContractGap {
  return "contract" in gap;
}

export function isSymbolGap(gap: Gap): gap is SymbolGap {
  return "symbol" in gap;
}
