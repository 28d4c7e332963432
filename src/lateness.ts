/** Limits on the time between an event or mark and its frame, ms. Every rule on lateness is here. */

/**
 * The market at the receipt of a liquidation counts as that of the liquidation if the two are no further apart than
 * this; otherwise the market fields are unknown. It equals the maximum age of a price, because an older mark would
 * belong to another time.
 */
export const MAX_MARKET_DISTANCE_MS = 10_000;

/** Wait for late frames before a window is closed: Binance and OKX publish a second about one second after it. */
export const LATE_FRAMES_MS = 5_000;

/** Mark prices may be this late: the marks of a minute and the impact of a liquidation are final this long after it. */
export const LATE_MARKS_MS = 5_000;

/** A venue may publish a liquidation this long after it happened: OKX was seen 8 minutes late. */
export const MAX_LATENESS_MS = 600_000;

/** A time further ahead of its frame than this is an error of the venue, and the value is not accepted. */
export const MAX_AHEAD_MS = 60_000;

/** News older than this is not issued as new, because the market has moved on. */
export const MAX_NEWS_AGE_MS = 120_000;

/** Whether something that happened at one time, ms, is too old at another to be issued as new. */
export function isOldNews(time: number, now: number): boolean {
  return now - time > MAX_NEWS_AGE_MS;
}
