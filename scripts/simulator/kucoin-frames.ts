import type { Asset } from "./assets.ts";
import { onGrid } from "./assets.ts";
import type { Quote } from "./market.ts";
import type { BookSides, Level } from "./order-book.ts";

/** The public futures topics of the venue's own SDK (November 2025); all else is answered with 404. */
export const TOPICS: ReadonlySet<string> = new Set([
  "/contract/instrument",
  "/contract/announcement",
  "/contractMarket/tickerV2",
  "/contractMarket/ticker",
  "/contractMarket/level2Depth5",
  "/contractMarket/level2Depth50",
  "/contractMarket/level2",
  "/contractMarket/limitCandle",
  "/contractMarket/execution",
  "/contractMarket/snapshot",
]);

export interface Match {
  readonly side: "buy" | "sell";
  readonly price: string;
  readonly lots: number;
  readonly takerOrderId: string;
  readonly makerOrderId: string;
}

export const symbolOf = (asset: Asset): string => `${asset.kucoinBase}USDTM`;
export const lotsOf = (asset: Asset, coins: number): number => Math.max(1, Math.round(coins / asset.kucoinMultiplier));

/** Milliseconds as the nanoseconds the venue writes: a JSON number beyond 2^53, so it never passes through a double here. */
const nanoseconds = (now: number): string => `${now}000000`;

/** One taker order eats through a side of the book until it is filled; what the book cannot fill goes at the last level. */
export function fillsOf(asset: Asset, levels: readonly Level[], coins: number): { readonly price: string; readonly lots: number }[] {
  const fills: { price: string; lots: number }[] = [];
  let left = lotsOf(asset, coins);
  for (const [index, [price, size]] of levels.entries()) {
    if (left === 0) break;
    const lots = index === levels.length - 1 ? left : Math.min(left, lotsOf(asset, size));
    fills.push({ price: onGrid(price, asset.tick), lots });
    left -= lots;
  }
  return fills;
}

export function markIndex(asset: Asset, quote: Quote, now: number): string {
  const data = {
    markPrice: Number(onGrid(quote.mark, asset.tick)),
    indexPrice: Number(onGrid(quote.index, asset.tick)),
    granularity: 1000,
    timestamp: now,
  };
  return message("/contract/instrument", asset, "mark.index.price", JSON.stringify(data));
}

export function funding(asset: Asset, quote: Quote, now: number): string {
  const data = { granularity: 60_000, fundingRate: Number(quote.fundingRate.toFixed(6)), timestamp: now };
  return message("/contract/instrument", asset, "funding.rate", JSON.stringify(data));
}

export function tickerV2(asset: Asset, touch: BookSides, sequence: number, now: number): string {
  const [bid] = touch.bids;
  const [ask] = touch.asks;
  const fields = {
    symbol: symbolOf(asset),
    sequence,
    bestBidSize: lotsOf(asset, bid?.[1] ?? 0),
    bestBidPrice: onGrid(bid?.[0] ?? 0, asset.tick),
    bestAskPrice: onGrid(ask?.[0] ?? 0, asset.tick),
    bestAskSize: lotsOf(asset, ask?.[1] ?? 0),
  };
  return message("/contractMarket/tickerV2", asset, "tickerV2", withNanoseconds(fields, now), sequence);
}

export function depth(asset: Asset, levels: 5 | 50, sides: BookSides, sequence: number, now: number): string {
  const rows = (side: readonly Level[]) => side.map(([price, size]) => [onGrid(price, asset.tick), lotsOf(asset, size)]);
  const data = { bids: rows(sides.bids), asks: rows(sides.asks), sequence, timestamp: now, ts: now };
  return message(`/contractMarket/level2Depth${levels}`, asset, "level2", JSON.stringify(data), now);
}

export function execution(asset: Asset, match: Match, sequence: number, now: number): string {
  const { side, price, lots: size, takerOrderId, makerOrderId } = match;
  const tradeId = String(sequence);
  const fields = { symbol: symbolOf(asset), sequence, side, size, price, takerOrderId, makerOrderId, tradeId };
  return message("/contractMarket/execution", asset, "match", withNanoseconds(fields, now), sequence);
}

function withNanoseconds(fields: object, now: number): string {
  return `${JSON.stringify(fields).slice(0, -1)},"ts":${nanoseconds(now)}}`;
}

function message(name: string, asset: Asset, subject: string, data: string, sn?: number): string {
  const serial = sn === undefined ? "" : `"sn":${sn},`;
  return `{"topic":"${name}:${symbolOf(asset)}","type":"message","subject":"${subject}",${serial}"data":${data}}`;
}

export function contract(asset: Asset, quote: Quote, now: number): unknown {
  return {
    symbol: symbolOf(asset),
    rootSymbol: "USDT",
    type: "FFWCSX",
    baseCurrency: asset.kucoinBase,
    quoteCurrency: "USDT",
    settleCurrency: "USDT",
    multiplier: asset.kucoinMultiplier,
    lotSize: 1,
    tickSize: asset.tick,
    isInverse: false,
    status: "Open",
    markPrice: quote.mark,
    indexPrice: quote.index,
    openInterest: String(lotsOf(asset, quote.openInterest)),
    turnoverOf24h: quote.turnover,
    fundingRateGranularity: 28_800_000,
    fundingFeeRate: quote.fundingRate,
    nextFundingRateTime: quote.nextFundingTime - now,
  };
}
