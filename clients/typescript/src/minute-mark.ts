import type { Liquidation } from "./api.d.ts";

/** A row of a file of minute marks: one venue's mark price of one base asset over one minute. A test compares it with the server's. */
export interface MinuteMark {
  /** Start of the minute, ms. */
  readonly minute: number;
  /** Base asset. */
  readonly symbol: string;
  readonly exchange: Liquidation["exchange"];
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Number of mark prices in the minute. */
  readonly samples: number;
  readonly spread_bps: number | null;
  readonly volume_usd: number | null;
  readonly funding_rate: number | null;
  readonly funding_interval_hours: number | null;
  readonly index_price: number | null;
  readonly open_interest_usd: number | null;
}
