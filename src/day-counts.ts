import type { ExchangeName } from "./liquidation.ts";
import type { SinkName } from "./sink.ts";

/** Rows of a store with an event time on one day. */
export interface StoredCount {
  /** Number of rows that the store acknowledged; a batch that was sent again counts once. */
  readonly stored: number;
  /** Number of rows that it rejected for good. */
  readonly refused: number;
}

/** The number of rows of a venue with an event time on one UTC day, including inferred ones. */
export interface DayCounts {
  readonly exchange: ExchangeName;
  /** The UTC date, YYYY-MM-DD. */
  readonly date: string;
  /** Number of distinct rows in sealed batches. */
  readonly rows: number;
  /** Number of inferred rows among them. */
  readonly inferred: number;
  /** By store. A store that acknowledged no row of the day is absent. */
  readonly stores: Readonly<Partial<Record<SinkName, StoredCount>>>;
  /**
   * The time, ms, from which the feed counts. Counts of a day that began earlier do not include the rows from before,
   * so they are the least number of rows that exist.
   */
  readonly counted_from_time: number;
}
