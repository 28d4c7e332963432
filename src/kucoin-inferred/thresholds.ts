/**
 * When a sweep is taken for a liquidation. Set by reasoning and by the simulation of `npm run bench kucoin-inferred`,
 * not by live truth: KuCoin tells nobody which of its trades were forced.
 */
export const THRESHOLDS = {
  /** The matching engine fills a taker order in one go: after this long without another fill it is over, ms. */
  sweepEndMs: 1_000,
  /** Two prices are touched by any order a little above the best level; whoever takes three did not mind the price. */
  leastLevels: 3,
  /** Below this the second's ordinary changes of open interest alone confirm nearly anything, USD. */
  leastUsd: 20_000,
  /**
   * Least part of the sweep that must be gone from the open interest. A forced close whose counterparties open is not
   * seen in it at all, so less would find more; but below a half, chance confirms as much as liquidations do.
   */
  leastFallShare: 0.5,
  /** A fall beyond this many times all large sweeps of those seconds is not explained by them. */
  mostFallShare: 2,
  /** Trades and open interest come over two sockets, either of which may be ahead by this much, ms. */
  socketSkewMs: 250,
  /** Open interest is published once a second: by now a publication must hold the whole sweep, ms. */
  settleMs: 1_000,
  /** A sweep whose nearest publication on either side is further off (two were lost) is not judged, ms. */
  mostDistanceMs: 3_000,
} as const;

export type Thresholds = { readonly [Name in keyof typeof THRESHOLDS]: number };
