import type { ExchangeName } from "./liquidation.ts";

/**
 * Why liquidations of a venue are missing. `not_started` covers all the time from 1970 to the first connection;
 * `storage_failed`: the venue was connected, but the feed's storage was full or refused to write.
 */
export const GAP_REASONS = ["not_started", "silent", "disconnected", "blocked", "restarted", "storage_failed"] as const;
export type GapReason = (typeof GAP_REASONS)[number];

/** A period in which the liquidations of a venue were not received; `to_time` is null while it lasts. Times in ms. */
export interface Gap {
  readonly exchange: ExchangeName;
  readonly from_time: number;
  readonly to_time: number | null;
  readonly reason: GapReason;
}
