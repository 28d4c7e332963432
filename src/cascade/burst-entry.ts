import type { ExchangeName } from "../liquidation.ts";

/** A venue's first event within a burst across venues. */
export interface BurstEntry {
  /** Id of the burst. */
  readonly burst: string;
  readonly exchange: ExchangeName;
  readonly first_time: number;
}
