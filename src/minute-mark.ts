import type { ExchangeName } from "./liquidation.ts";

/**
 * Open, high, low and close of one venue's mark price of one base asset over one minute, and the market of the contract
 * that stands for it: the venue's USDT contract.
 */
export interface MinuteMark extends MinuteMarket {
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

/** The market of a contract over a minute; each field is null where it was never known in the minute. */
export interface MinuteMarket {
  /** Mean of the relative spread, 10⁴ (ask − bid) / mid, over the samples of the minute. */
  readonly spread_bps: number | null;
  /** A 1,440th of the contract's turnover of 24 h, USD, which is all that venues give. */
  readonly volume_usd: number | null;
  /** The last funding rate known, and the hours from one funding to the next: the rate is paid once in this time. */
  readonly funding_rate: number | null;
  readonly funding_interval_hours: number | null;
  /** The last index price and open interest (one side, at the mark price) known. */
  readonly index_price: number | null;
  readonly open_interest_usd: number | null;
}

export const UNKNOWN_MINUTE_MARKET: MinuteMarket = {
  spread_bps: null,
  volume_usd: null,
  funding_rate: null,
  funding_interval_hours: null,
  index_price: null,
  open_interest_usd: null,
};
