import type { Random } from "./random.ts";

export interface TakerFlowOptions {
  /** Ordinary market orders per second and contract. */
  readonly tradesPerSecond: number;
  /** Their sizes are log-normal. */
  readonly tradeMedianUsd: number;
  readonly tradeSigma: number;
  /**
   * Mean share of what makers trade that closes a position of theirs; from order to order it varies by the spread, a
   * standard deviation. So that open interest has no drift, the same share of ordinary takers opens.
   */
  readonly makerCloseShare: number;
  readonly makerCloseSpread: number;
}

export interface TakerOrder {
  readonly side: "buy" | "sell";
  readonly coins: number;
  /** Coins by which the open interest rises. */
  readonly opened: number;
}

/** An ordinary market order. Where taker and maker both close, open interest falls; where both open, it rises. */
export function drawTakerOrder(options: TakerFlowOptions, price: number, random: Random): TakerOrder {
  const coins = (options.tradeMedianUsd * Math.exp(options.tradeSigma * random.normal())) / price;
  const side = random.chance(0.5) ? "buy" : "sell";
  const opens = random.chance(options.makerCloseShare);
  const closeShare = drawMakerCloseShare(options, random);
  return { side, coins, opened: opens ? coins * (1 - closeShare) : -coins * closeShare };
}

/** What part of one order the makers' closing is. */
export function drawMakerCloseShare({ makerCloseShare, makerCloseSpread }: TakerFlowOptions, random: Random): number {
  return Math.min(1, Math.max(0, makerCloseShare + makerCloseSpread * random.normal()));
}
