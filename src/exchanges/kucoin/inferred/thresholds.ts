/**
 * The thresholds for inferring a liquidation from a sweep. They are set by reasoning rather than by live data: KuCoin
 * does not tell which of its trades were forced. In simulation (scripts/bench/kucoin-inferred.ts) none of them changes
 * the precision by more than a few points: the limit is set by large voluntary closes, which look the same.
 */
export const THRESHOLDS = {
  /** The matching engine fills a taker order at once: after this long without another fill it is over, ms. */
  sweepEndMs: 1_000,
  /** Any order a little larger than the best level touches two prices; a taker of three did not mind the price. */
  minLevels: 3,
  /** Minimum USD: smaller sweeps drown in the open interest that others change in the same seconds. */
  minUsd: 20_000,
  /**
   * Minimum part of the sweep that must be gone from the open interest: both sides closed most of it. A forced close
   * whose counterparties open positions does not show in it.
   */
  minFallShare: 0.5,
  /** A fall larger than this multiple of all large sweeps of those seconds is not explained by them. */
  maxFallShare: 2,
  /** Trades and open interest arrive over two sockets, either of which may be ahead by this much, ms. */
  socketSkewMs: 250,
  /** Open interest is published once per second: by now a publication must include the whole sweep, ms. */
  settleMs: 1_000,
  /** A sweep with a nearest publication further away on either side (two were lost) is not judged, ms. */
  maxDistanceMs: 3_000,
} as const;

export type Thresholds = { readonly [Name in keyof typeof THRESHOLDS]: number };
