import type { ExchangeName } from "./liquidation.ts";

/** Why a venue was not heard; `not_started`: all the time before it was first heard, from 1970 on. */
export const GAP_REASONS = ["not_started", "silent", "disconnected", "blocked", "restarted"] as const;
export type GapReason = (typeof GAP_REASONS)[number];

/** A stretch in which a venue's liquidations could not be heard; `to_time` is null while it lasts. Times in ms. */
export interface Gap {
  readonly exchange: ExchangeName;
  readonly from_time: number;
  readonly to_time: number | null;
  readonly reason: GapReason;
}
