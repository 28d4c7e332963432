const MINUTE_MS = 60_000;

/**
 * Maximum age of each kind of market value when a liquidation is received, ms: an older one is unknown. Each is at least
 * the longest interval at which a venue repeats an unchanged value: OKX pushes funding rates every 30 to 90 s, open
 * interest is polled every 15 s where no stream has it, and turnovers every minute.
 */
export const FRESH_MS = {
  price: 10_000,
  book: 10_000,
  index: 30_000,
  openInterest: MINUTE_MS,
  funding: 2 * MINUTE_MS,
  turnover: 5 * MINUTE_MS,
  /** Venues change it a few times a year; where it is polled, that is once an hour. */
  fundingInterval: 180 * MINUTE_MS,
} as const;
