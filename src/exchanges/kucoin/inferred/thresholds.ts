/**
 * When a sweep is taken for a liquidation. Set by reasoning, not by live truth: KuCoin tells nobody which of its trades
 * were forced. In simulation (scripts/bench/kucoin-inferred.ts) none of them moves the precision by more than a few
 * points: what limits it are large voluntary closes, which look the same.
 */
export const THRESHOLDS = {
  /** The matching engine fills a taker order in one go: after this long without another fill it is over, ms. */
  sweepEndMs: 1_000,
  /** Two prices are touched by any order a little above the best level; whoever takes three did not mind the price. */
  minLevels: 3,
  /** Small sweeps drown in the open interest that everybody else changes in the same seconds, USD. */
  minUsd: 20_000,
  /**
   * Least part of the sweep that must be gone from the open interest: most of it was closed by both sides. A forced
   * close whose counterparties open does not show in it at all.
   */
  minFallShare: 0.5,
  /** A fall beyond this many times all large sweeps of those seconds is not matched by them. */
  maxFallShare: 2,
  /** Trades and open interest come over two sockets, either of which may be ahead by this much, ms. */
  socketSkewMs: 250,
  /** Open interest is published once a second: by now a publication must hold the whole sweep, ms. */
  settleMs: 1_000,
  /** A sweep whose nearest publication on either side is further off (two were lost) is not judged, ms. */
  maxDistanceMs: 3_000,
} as const;

export type Thresholds = { readonly [Name in keyof typeof THRESHOLDS]: number };
