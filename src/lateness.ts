/** How far apart the time of an event or a mark and the time its frame came may lie, ms. Every rule on lateness is here. */

/**
 * The market at the receipt of a liquidation is that of the liquidation itself while the two are no further apart; beyond
 * it the market fields are unknown. As long as a price counts as fresh: further back, the mark would be of another time.
 */
export const MAX_MARKET_DISTANCE_MS = 10_000;

/** Left for frames that come late before a window is closed: Binance and OKX tell of a second about one second after it. */
export const LATE_FRAMES_MS = 5_000;

/** Mark prices come late by as much: a minute's marks, and the impact of a liquidation, are final this long after. */
export const LATE_MARKS_MS = 5_000;

/** A venue may publish a liquidation this long after it happened: OKX was seen 8 minutes late. */
export const MAX_LATENESS_MS = 600_000;

/** What is stamped further ahead of its frame is a venue's mistake and is not believed. */
export const MAX_AHEAD_MS = 60_000;

/** What is older than this is not issued as new: whoever acted on it would act on a market that has moved on. */
export const MAX_NEWS_AGE_MS = 120_000;

/** Whether what happened at a time, ms, is too old at another to be issued as new. */
export function isOldNews(time: number, now: number): boolean {
  return now - time > MAX_NEWS_AGE_MS;
}
