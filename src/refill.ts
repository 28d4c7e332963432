import type { ExchangeName } from "./liquidation.ts";
import type { SinkName } from "./sink.ts";

/** Stores that can be filled again. A stream would keep every row twice. */
export const REFILLABLE_STORES = ["r2", "d1", "supabase"] as const satisfies readonly SinkName[];
export type RefillableStore = (typeof REFILLABLE_STORES)[number];

/** What a feed sends to a store again. */
export interface FeedRefill {
  readonly exchange: ExchangeName;
  readonly batches: number;
  readonly rows: number;
  /** The journal has every row with an event time from here on, ms. */
  readonly journal_from_time: number;
}

/** What a store holds, compared with what it once acknowledged. Times in ms; inferred rows are not counted. */
export interface StoreComparison {
  readonly time: number;
  /** The range of event times that was compared. */
  readonly from_time: number;
  readonly to_time: number;
  readonly acknowledged_rows: number;
  readonly held_rows: number;
  /** Rows that the store acknowledged and no longer has. */
  readonly missing_rows: number;
}
