import type { Asset } from "./assets.ts";
import { ASSETS, onGrid, quantityOnGrid } from "./assets.ts";
import type { NewLedgerEvent } from "./ledger.ts";
import type { MarketLiquidation, Quote } from "./market.ts";
import type { BookSides, Level } from "./order-book.ts";
import type { Random } from "./random.ts";

export interface LiquidationRow {
  readonly T: number;
  readonly s: string;
  /** Side of the liquidated position, not of an order: Buy is a long. */
  readonly S: "Buy" | "Sell";
  readonly v: string;
  /** Bankruptcy price. */
  readonly p: string;
}

/** The bankruptcy price lies 50 to 500 basis points beyond the mark, as measured against the venue's own book. */
export function liquidationRow(liquidation: MarketLiquidation, asset: Asset, symbol: string, random: Random): LiquidationRow {
  const { side, mark, time, usd } = liquidation;
  const distance = 0.005 * 10 ** random.uniform();
  return {
    T: time,
    s: symbol,
    S: side === "long" ? "Buy" : "Sell",
    v: quantityOnGrid(usd / mark, asset.step),
    p: onGrid(mark * (1 + (side === "long" ? -distance : distance)), asset.tick),
  };
}

export function keyOf(row: LiquidationRow, ordinal: number): string {
  return [row.s, row.T, row.S, row.v, row.p, ordinal].join("|");
}

export function ledgerEvent(row: LiquidationRow, key: string, symbol: string): NewLedgerEvent {
  return {
    key,
    instrument: row.s,
    symbol,
    position_side: row.S === "Buy" ? "long" : "short",
    event_time: row.T,
    quantity: Number(row.v),
    price: Number(row.p),
    in_history: false,
  };
}

export type TickerFields = Readonly<Record<string, string>>;

export function tickerFields(asset: Asset, quote: Quote, touch: BookSides): TickerFields {
  const level = (prefix: string, best: Level | undefined) => ({
    [`${prefix}Price`]: onGrid(best?.[0] ?? 0, asset.tick),
    [`${prefix}Size`]: quantityOnGrid(best?.[1] ?? 0, asset.step),
  });
  return {
    markPrice: onGrid(quote.mark, asset.tick),
    indexPrice: onGrid(quote.index, asset.tick),
    openInterest: onGrid(2 * quote.openInterest, asset.step),
    openInterestValue: (2 * quote.openInterest * quote.mark).toFixed(2),
    singleOpenInterest: onGrid(quote.openInterest, asset.step),
    singleOpenInterestValue: (quote.openInterest * quote.mark).toFixed(2),
    nextFundingTime: String(quote.nextFundingTime),
    fundingRate: quote.fundingRate.toFixed(6),
    fundingIntervalHour: "8",
    turnover24h: quote.turnover.toFixed(4),
    ...level("bid1", touch.bids[0]),
    ...level("ask1", touch.asks[0]),
  };
}

export function changedFields(before: TickerFields, after: TickerFields): TickerFields {
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => before[name] !== value));
}

export function ticker(topic: string, type: "snapshot" | "delta", fields: TickerFields, symbol: string, cs: number, ts: number): string {
  return JSON.stringify({ topic, type, data: { symbol, ...fields }, cs, ts });
}

export function orderBook(
  topic: string,
  type: "snapshot" | "delta",
  asset: Asset,
  sides: BookSides,
  u: number,
  seq: number,
  now: number,
): string {
  const levels = (side: readonly Level[]) =>
    side.map(([price, size]) => [onGrid(price, asset.tick), size === 0 ? "0" : quantityOnGrid(size, asset.step)]);
  const data = { s: topic.slice(topic.lastIndexOf(".") + 1), b: levels(sides.bids), a: levels(sides.asks), u, seq };
  return JSON.stringify({ topic, type, ts: now, data, cts: now - 2 });
}

/** One page of the instrument table: the perpetuals in USDT and USDC, and a dated contract that is listed only. */
export function instrumentsInfo(limit: number, cursor: string | null, now: number): unknown {
  const dated = ASSETS.filter((asset) => asset.symbol === "BTC");
  const all = [
    ...ASSETS.map((asset) => instrument(asset, `${asset.symbol}USDT`, "LinearPerpetual", "USDT")),
    ...ASSETS.map((asset) => instrument(asset, `${asset.symbol}PERP`, "LinearPerpetual", "USDC")),
    ...dated.map((asset) => instrument(asset, `${asset.symbol}USDT-25DEC26`, "LinearFutures", "USDT")),
  ];
  const start = cursor === null || cursor === "" ? 0 : Number(cursor.replace("page_", ""));
  const end = start + limit;
  const nextPageCursor = end < all.length ? `page_${end}` : "";
  return {
    retCode: 0,
    retMsg: "OK",
    result: { category: "linear", list: all.slice(start, end), nextPageCursor },
    retExtInfo: {},
    time: now,
  };
}

function instrument(asset: Asset, symbol: string, contractType: string, quoteCoin: string): unknown {
  return {
    symbol,
    contractType,
    status: "Trading",
    baseCoin: asset.symbol,
    quoteCoin,
    settleCoin: quoteCoin,
    priceFilter: { tickSize: String(asset.tick) },
    lotSizeFilter: { qtyStep: String(asset.step), minOrderQty: String(asset.step) },
    fundingInterval: 480,
  };
}
