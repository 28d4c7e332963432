import { isPrice, MAX_MARKET_USD } from "../exchanges/bounds.ts";
import { isDollar } from "../exchanges/decoding/valuation.ts";
import type { BookLevel, BookLevels, Instrument } from "../exchanges/exchange.ts";

const MAX_LEVELS = 20;
const DEPTH_REACH = 25e-4;

export interface BookDepth {
  /** Price in quote per base unit. */
  readonly bestBid: number;
  readonly bestAsk: number;
  /** Depth in USD over at most 20 levels within 25 bps of the mid price; null where the contract size is unknown. */
  readonly bidDepthUsd: number | null;
  readonly askDepthUsd: number | null;
}

/**
 * The best prices and depth of a book, in base units and USD (USDT and USDC as 1). Null where a side is empty, a level
 * is not a positive number, or bid and ask meet or cross, which a matching engine never leaves standing.
 *
 * @param levels ordered from the best price outwards
 */
export function bookDepth(levels: BookLevels, instrument: Instrument): BookDepth | null {
  const bids = readLevels(levels.bids);
  const asks = readLevels(levels.asks);
  const bid = bids?.[0]?.price;
  const ask = asks?.[0]?.price;
  if (bids === null || asks === null || bid === undefined || ask === undefined || bid >= ask) return null;
  if (!isPrice(bid / instrument.scale) || !isPrice(ask / instrument.scale)) return null;
  const mid = (bid + ask) / 2;
  return {
    bestBid: bid / instrument.scale,
    bestAsk: ask / instrument.scale,
    bidDepthUsd: depthUsd(bids, mid, instrument),
    askDepthUsd: depthUsd(asks, mid, instrument),
  };
}

interface Level {
  readonly price: number;
  readonly size: number;
}

function readLevels(levels: readonly BookLevel[]): Level[] | null {
  const read: Level[] = [];
  for (const [priceText, sizeText] of levels) {
    if (read.length === MAX_LEVELS) break;
    const price = Number(priceText);
    const size = Number(sizeText);
    if (!(price > 0 && Number.isFinite(price) && size >= 0 && Number.isFinite(size))) return null;
    if (size > 0) read.push({ price, size });
  }
  return read;
}

/** `scale` cancels out, because it divides the price and multiplies the quantity. */
function depthUsd(levels: readonly Level[], mid: number, { contract, quote }: Instrument): number | null {
  if (contract.kind === "base" && !isDollar(quote)) return null;
  const unit = contract.kind === "base" ? contract.size : contract.usd;
  if (unit === null) return null;
  let usd = 0;
  for (const { price, size } of levels) {
    if (Math.abs(price - mid) > mid * DEPTH_REACH) break;
    usd += contract.kind === "base" ? price * size * unit : size * unit;
  }
  return usd <= MAX_MARKET_USD ? usd : null;
}
