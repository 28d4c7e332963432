import { isPrice, MAX_MARKET_USD } from "../exchanges/bounds.ts";
import { isDollar } from "../exchanges/decoding/valuation.ts";
import type { Instrument } from "../exchanges/exchange.ts";
import type { LevelReader } from "./book-side.ts";

/** Depth is that of all levels up to this distance from the mid price, bps. */
export const DEPTH_BPS = 25;
const BPS = 1e4;

/** Both sides of a book, in the venue's units. */
export interface BookSides {
  readonly bids: LevelReader;
  readonly asks: LevelReader;
}

export interface BookDepth {
  /** Price in quote per base unit. */
  readonly bestBid: number;
  readonly bestAsk: number;
  /** Distance of the farthest level from the mid price, bps; the smaller of both sides. */
  readonly reachBps: number;
  /**
   * Depth in USD within 25 bps of the mid price; null where the levels of either side do not reach that far, or the
   * contract size is unknown.
   */
  readonly bidDepthUsd: number | null;
  readonly askDepthUsd: number | null;
}

/**
 * The best prices and depth of a book, in base units and USD (USDT and USDC as 1). Null where a side is empty, or bid and
 * ask meet or cross, which a matching engine never leaves standing.
 */
export function bookDepth({ bids, asks }: BookSides, instrument: Instrument): BookDepth | null {
  if (bids.length === 0 || asks.length === 0) return null;
  const bid = bids.price(0);
  const ask = asks.price(0);
  const bestBid = bid / instrument.scale;
  const bestAsk = ask / instrument.scale;
  if (bid >= ask || !isPrice(bestBid) || !isPrice(bestAsk)) return null;
  const mid = (bid + ask) / 2;
  const reachBps = Math.min(distanceBps(bids.price(bids.length - 1), mid), distanceBps(asks.price(asks.length - 1), mid));
  const isReached = reachBps >= DEPTH_BPS;
  return {
    bestBid,
    bestAsk,
    reachBps,
    bidDepthUsd: isReached ? depthUsd(bids, mid, instrument) : null,
    askDepthUsd: isReached ? depthUsd(asks, mid, instrument) : null,
  };
}

function distanceBps(price: number, mid: number): number {
  return (BPS * Math.abs(price - mid)) / mid;
}

/** `scale` cancels out, because it divides the price and multiplies the quantity. */
function depthUsd(levels: LevelReader, mid: number, { contract, quote }: Instrument): number | null {
  if (contract.kind === "base" && !isDollar(quote)) return null;
  const unit = contract.kind === "base" ? contract.size : contract.usd;
  if (unit === null) return null;
  let usd = 0;
  for (let index = 0; index < levels.length; index += 1) {
    const price = levels.price(index);
    if (distanceBps(price, mid) > DEPTH_BPS) break;
    usd += (contract.kind === "base" ? price : 1) * levels.size(index) * unit;
  }
  return usd <= MAX_MARKET_USD ? usd : null;
}
