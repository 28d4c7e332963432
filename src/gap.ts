import type { ExchangeName } from "./liquidation.ts";

/** Why a venue was not connected. `not_started` covers all the time from 1970 to the first connection. */
export const GAP_REASONS = ["not_started", "silent", "disconnected", "blocked", "restarted"] as const;
export type GapReason = (typeof GAP_REASONS)[number];

/** A period in which the liquidations of a venue were not received; `to_time` is null while it lasts. Times in ms. */
export interface Gap {
  readonly exchange: ExchangeName;
  readonly from_time: number;
  readonly to_time: number | null;
  readonly reason: GapReason;
}
