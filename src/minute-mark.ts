import type { ExchangeName } from "./liquidation.ts";

/** Open, high, low and close of one venue's mark price of one base asset over one minute. */
export interface MinuteMark {
  /** Start of the minute, ms. */
  readonly minute: number;
  readonly symbol: string;
  readonly exchange: ExchangeName;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Number of mark prices in the minute. */
  readonly samples: number;
}
