import type { Asset } from "./assets.ts";
import { ASSETS, onGrid, quantityOnGrid } from "./assets.ts";
import type { NewLedgerEvent } from "./ledger.ts";
import type { MarketLiquidation, Quote } from "./market.ts";
import type { BookSides, Level } from "./order-book.ts";
import type { Random } from "./random.ts";

export interface ForcedOrder {
  readonly s: string;
  readonly S: "SELL" | "BUY";
  readonly o: "LIMIT";
  readonly f: "IOC";
  readonly q: string;
  readonly p: string;
  readonly ap: string;
  readonly X: "FILLED";
  readonly l: string;
  readonly z: string;
  readonly T: number;
}

/** A forced order sweeps the book a little and carries a limit well beyond it. */
export function forcedOrder(liquidation: MarketLiquidation, asset: Asset, random: Random): ForcedOrder {
  const { side, mark, time, usd, copies } = liquidation;
  const worse = side === "long" ? -1 : 1;
  const quantity = quantityOnGrid((usd * copies) / mark, asset.step);
  const average = mark * (1 + worse * 0.0004 * random.uniform());
  return {
    s: contractOf(asset),
    S: side === "long" ? "SELL" : "BUY",
    o: "LIMIT",
    f: "IOC",
    q: quantity,
    p: onGrid(average * (1 + worse * 0.085), asset.tick),
    ap: onGrid(average, asset.tick / 10),
    X: "FILLED",
    l: quantityOnGrid(Number(quantity) * random.uniform(), asset.step),
    z: quantity,
    T: time,
  };
}

export function ledgerEvent(order: ForcedOrder, asset: Asset): NewLedgerEvent {
  return {
    key: [order.s, order.T, order.S, order.z, order.ap].join("|"),
    instrument: order.s,
    symbol: asset.symbol,
    position_side: order.S === "SELL" ? "long" : "short",
    event_time: order.T,
    quantity: Number(order.z),
    price: Number(order.ap),
    in_history: false,
  };
}

export function contractOf(asset: Asset): string {
  return `${asset.symbol}USDT`;
}

export function markPrice(asset: Asset, quote: Quote, now: number): unknown {
  return {
    e: "markPriceUpdate",
    E: now,
    s: contractOf(asset),
    p: quote.mark.toFixed(8),
    P: quote.mark.toFixed(8),
    i: quote.index.toFixed(8),
    r: quote.fundingRate.toFixed(8),
    T: quote.nextFundingTime,
  };
}

/** A trade; under stress it is one of the fund, and of deleveraging where that is worst. */
export function trade(asset: Asset, quote: Quote, id: number, stress: number, now: number): unknown {
  const X = stress < 0.3 ? "MARKET" : stress < 0.7 ? "INSURANCE_FUND" : "ADL";
  const [p, q] = [onGrid(quote.mark, asset.tick), quantityOnGrid(500 / quote.mark, asset.step)];
  return { e: "trade", E: now, T: now - 4, s: contractOf(asset), t: id, p, q, X, m: id % 2 === 0 };
}

export function depth(asset: Asset, sides: BookSides, now: number): unknown {
  const { bids: b, asks: a } = written(asset, sides);
  return { e: "depthUpdate", E: now, T: now - 3, s: contractOf(asset), U: now, u: now + 1, pu: now - 1, b, a };
}

export function restDepth(asset: Asset, sides: BookSides, now: number): unknown {
  return { lastUpdateId: now, E: now, T: now - 3, ...written(asset, sides) };
}

function written(asset: Asset, sides: BookSides): { readonly bids: readonly unknown[]; readonly asks: readonly unknown[] } {
  const levels = (side: readonly Level[]) => side.map(([price, size]) => [onGrid(price, asset.tick), quantityOnGrid(size, asset.step)]);
  return { bids: levels(sides.bids), asks: levels(sides.asks) };
}

export function dayTicker(asset: Asset, quote: Quote): unknown {
  const volume = (quote.turnover / quote.mark).toFixed(3);
  return { symbol: contractOf(asset), lastPrice: String(quote.mark), volume, quoteVolume: quote.turnover.toFixed(2) };
}

export function fundingInfo(): unknown {
  return ASSETS.map((asset) => ({ symbol: contractOf(asset), interestRate: "0.0001", fundingIntervalHours: 8 }));
}

/** Every asset's perpetual, and one that is settling. */
export function exchangeInfo(now: number): unknown {
  const listed = ASSETS.map((asset) => instrument(contractOf(asset), asset.symbol, "TRADING"));
  return { timezone: "UTC", serverTime: now, rateLimits: [], symbols: [...listed, instrument("OLDUSDT", "OLD", "SETTLING")] };
}

function instrument(symbol: string, baseAsset: string, status: string): unknown {
  return { symbol, pair: symbol, contractType: "PERPETUAL", status, baseAsset, quoteAsset: "USDT", marginAsset: "USDT", filters: [] };
}
