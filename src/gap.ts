import type { ExchangeName } from "./liquidation.ts";

/** Why a venue was not heard. */
export type GapReason = "silent" | "disconnected" | "blocked" | "restarted" | "paused";

/** A stretch in which a venue's liquidations could not be heard; `to_time` is null while it lasts. Times in ms. */
export interface Gap {
  readonly exchange: ExchangeName;
  readonly from_time: number;
  readonly to_time: number | null;
  readonly reason: GapReason;
}
