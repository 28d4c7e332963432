import type { Asset } from "./assets.ts";
import { ASSETS, onGrid, quantityOnGrid } from "./assets.ts";
import type { NewLedgerEvent } from "./ledger.ts";
import type { MarketLiquidation, Quote } from "./market.ts";
import type { BookSides, Level } from "./order-book.ts";
import type { Random } from "./random.ts";

/** A liquidation order as Binance filled it, in its own spelling. */
export interface FilledOrder {
  readonly symbol: string;
  readonly base: string;
  readonly side: "SELL" | "BUY";
  readonly time: number;
  /** Coins, or contracts of the COIN-M one. */
  readonly quantity: string;
  readonly lastFill: string;
  readonly limitPrice: string;
  readonly averagePrice: string;
  readonly usd: number;
  /** True for COIN-M, whose orders the all-market stream carries too since 2026-06-30. */
  readonly coinM: boolean;
}

const COIN_M_CONTRACT_USD = 100;

/** A forced order sweeps the book a little and carries a limit well beyond it. */
export function fillOrder(liquidation: MarketLiquidation, asset: Asset, random: Random): FilledOrder {
  const { side, mark, time, usd, copies } = liquidation;
  const worse = side === "long" ? -1 : 1;
  const coinM = asset.symbol === "BTC" && liquidation.secondContract;
  const step = coinM ? 1 : asset.step;
  const quantity = quantityOnGrid((usd * copies) / (coinM ? COIN_M_CONTRACT_USD : mark), step);
  const average = mark * (1 + worse * 0.0004 * random.uniform());
  return {
    symbol: coinM ? "BTCUSD_PERP" : `${asset.symbol}USDT`,
    base: asset.symbol,
    side: side === "long" ? "SELL" : "BUY",
    time,
    quantity,
    lastFill: quantityOnGrid(Number(quantity) * random.uniform(), step),
    limitPrice: onGrid(average * (1 + worse * 0.012), asset.tick),
    averagePrice: onGrid(average, asset.tick / 10),
    usd: usd * copies,
    coinM,
  };
}

export function ledgerEvent(order: FilledOrder): NewLedgerEvent {
  const price = Number(order.averagePrice);
  const size = Number(order.quantity);
  return {
    key: [order.symbol, order.time, order.side, order.quantity, order.averagePrice].join("|"),
    instrument: order.symbol,
    symbol: order.base,
    position_side: order.side === "SELL" ? "long" : "short",
    event_time: order.time,
    quantity: order.coinM ? (size * COIN_M_CONTRACT_USD) / price : size,
    price,
    in_history: false,
  };
}

/** `ps` and `st` inside `o`, where they are on the wire since mid 2026 and the venue's own mocks do not have them. */
export function forceOrder(order: FilledOrder, now: number): string {
  return JSON.stringify({
    e: "forceOrder",
    E: now,
    o: {
      s: order.symbol,
      S: order.side,
      o: "LIMIT",
      f: "IOC",
      q: order.quantity,
      p: order.limitPrice,
      ap: order.averagePrice,
      X: "FILLED",
      l: order.lastFill,
      z: order.quantity,
      T: order.time,
      ps: order.coinM ? "BTCUSD" : order.symbol,
      st: order.coinM ? 2 : 1,
    },
  });
}

export function markPrice(asset: Asset, quote: Quote, now: number): string {
  const mark = quote.mark.toFixed(8);
  return JSON.stringify({
    e: "markPriceUpdate",
    E: now,
    s: `${asset.symbol}USDT`,
    p: mark,
    ap: mark,
    P: mark,
    i: quote.index.toFixed(8),
    r: quote.fundingRate.toFixed(8),
    T: quote.nextFundingTime,
    st: 1,
  });
}

export function depth(asset: Asset, sides: BookSides, previousId: number, updateId: number, now: number): string {
  const levels = (side: readonly Level[]) => side.map(([price, size]) => [onGrid(price, asset.tick), quantityOnGrid(size, asset.step)]);
  return JSON.stringify({
    e: "depthUpdate",
    E: now,
    T: now - 3,
    s: `${asset.symbol}USDT`,
    ps: `${asset.symbol}USDT`,
    U: previousId + 1,
    u: updateId,
    pu: previousId,
    b: levels(sides.bids),
    a: levels(sides.asks),
    st: 1,
  });
}

export function restDepth(asset: Asset, sides: BookSides, updateId: number, now: number): unknown {
  const levels = (side: readonly Level[]) => side.map(([price, size]) => [onGrid(price, asset.tick), quantityOnGrid(size, asset.step)]);
  return { lastUpdateId: updateId, E: now, T: now - 3, bids: levels(sides.bids), asks: levels(sides.asks) };
}

export function openInterest(contract: string, coins: number, asset: Asset, now: number): unknown {
  return { symbol: contract, openInterest: onGrid(coins, asset.step), time: now };
}

export function dayTicker(contract: string, turnover: number, last: number): unknown {
  return { symbol: contract, lastPrice: String(last), volume: (turnover / last).toFixed(3), quoteVolume: turnover.toFixed(2) };
}

export function bookTicker(asset: Asset, sides: BookSides, updateId: number, now: number): string {
  const [bid] = sides.bids;
  const [ask] = sides.asks;
  const price = (level: Level | undefined) => onGrid(level?.[0] ?? 0, asset.tick);
  const size = (level: Level | undefined) => quantityOnGrid(level?.[1] ?? 0, asset.step);
  return JSON.stringify({
    e: "bookTicker",
    u: updateId,
    s: `${asset.symbol}USDT`,
    ps: `${asset.symbol}USDT`,
    b: price(bid),
    B: size(bid),
    a: price(ask),
    A: size(ask),
    T: now - 1,
    E: now,
    st: 1,
  });
}

/** Every asset's perpetual, one dated contract and one USDC perpetual that the simulation lists but never trades. */
export function exchangeInfo(now: number): unknown {
  const symbols = ASSETS.flatMap((asset) => [
    instrument(asset, `${asset.symbol}USDT`, "PERPETUAL", "USDT"),
    ...(asset.symbol === "BTC"
      ? [instrument(asset, "BTCUSDT_261225", "CURRENT_QUARTER", "USDT"), instrument(asset, "BTCUSDC", "PERPETUAL", "USDC")]
      : []),
  ]);
  return { timezone: "UTC", serverTime: now, futuresType: "U_MARGINED", rateLimits: [], exchangeFilters: [], assets: [], symbols };
}

function instrument(asset: Asset, symbol: string, contractType: string, quoteAsset: string): unknown {
  return {
    symbol,
    pair: `${asset.symbol}${quoteAsset}`,
    contractType,
    status: "TRADING",
    baseAsset: asset.symbol,
    quoteAsset,
    marginAsset: quoteAsset,
    underlyingType: "COIN",
    filters: [
      { filterType: "PRICE_FILTER", tickSize: String(asset.tick), minPrice: String(asset.tick), maxPrice: "1000000" },
      { filterType: "LOT_SIZE", stepSize: String(asset.step), minQty: String(asset.step), maxQty: "10000000" },
    ],
  };
}
