import type { Asset } from "./assets.ts";
import { ASSETS, onGrid, quantityOnGrid } from "./assets.ts";
import type { NewLedgerEvent } from "./ledger.ts";
import type { MarketLiquidation, Quote } from "./market.ts";
import type { BookSides, Level } from "./order-book.ts";
import type { Random } from "./random.ts";

/** A liquidation as the venue publishes it, with the coins that its amount comes from. */
export interface Liquidation {
  readonly symbol: string;
  /** Side of the position: buy is a long. */
  readonly side: "buy" | "sell";
  readonly price: string;
  readonly coins: string;
  readonly time: number;
}

export const INST_TYPES = ["usdt-futures", "usdc-futures"] as const;

export const symbolOf = (asset: Asset, instType = "usdt-futures"): string =>
  `${asset.symbol}${instType === "usdc-futures" ? "PERP" : "USDT"}`;

/** Near the bankruptcy price: some hundred basis points beyond the mark, with more digits than the tick has. */
export function liquidationOf({ side, mark, time, usd, secondContract }: MarketLiquidation, asset: Asset, random: Random): Liquidation {
  const distance = 0.004 + 0.02 * random.uniform();
  return {
    symbol: symbolOf(asset, secondContract ? "usdc-futures" : "usdt-futures"),
    side: side === "long" ? "buy" : "sell",
    price: (mark * (1 + (side === "long" ? -distance : distance))).toPrecision(10),
    coins: quantityOnGrid(usd / mark, asset.step),
    time,
  };
}

export const keyOf = ({ symbol, side, time, price }: Liquidation): string => [symbol, side, time, price].join("|");

export function ledgerEvent(liquidation: Liquidation, symbol: string): NewLedgerEvent {
  return {
    key: keyOf(liquidation),
    instrument: liquidation.symbol,
    symbol,
    position_side: liquidation.side === "buy" ? "long" : "short",
    event_time: liquidation.time,
    quantity: Number(liquidation.coins),
    price: Number(liquidation.price),
    in_history: true,
  };
}

/** `amount` is in the quote asset. */
export function row({ symbol, side, price, coins, time }: Liquidation): object {
  const amount = Number((Number(coins) * Number(price)).toPrecision(15));
  return { symbol, side, price, amount: String(amount), ts: String(time) };
}

export function push(action: "snapshot" | "update", arg: object, data: readonly unknown[], now: number): string {
  return JSON.stringify({ action, arg, data, ts: now });
}

export function ticker(asset: Asset, quote: Quote, touch: BookSides): object {
  const price = (value: number | undefined) => onGrid(value ?? 0, asset.tick);
  return {
    lastPrice: price(quote.mark),
    turnover24h: quote.turnover.toFixed(5),
    volume24h: (quote.turnover / quote.mark).toFixed(4),
    bid1Price: price(touch.bids[0]?.[0]),
    ask1Price: price(touch.asks[0]?.[0]),
    bid1Size: quantityOnGrid(touch.bids[0]?.[1] ?? 0, asset.step),
    ask1Size: quantityOnGrid(touch.asks[0]?.[1] ?? 0, asset.step),
    indexPrice: quote.index.toFixed(10),
    markPrice: price(quote.mark),
    fundingRate: quote.fundingRate.toFixed(6),
    openInterest: onGrid(quote.openInterest, asset.step),
    nextFundingTime: String(quote.nextFundingTime),
    deliveryTime: "",
  };
}

export function book(asset: Asset, sides: BookSides, seq: number, pseq: number, now: number): object {
  const levels = (side: readonly Level[]) =>
    side.map(([price, size]) => [onGrid(price, asset.tick), size === 0 ? "0" : quantityOnGrid(size, asset.step)]);
  return { a: levels(sides.asks), b: levels(sides.bids), checksum: 0, seq, pseq, ts: String(now) };
}

export function currentFunding(symbol: string, { fundingRate, nextFundingTime }: Quote): unknown {
  const current = { symbol, fundingRate: fundingRate.toFixed(6), fundingRateInterval: "8", nextUpdate: String(nextFundingTime) };
  return { code: "00000", msg: "success", data: [current] };
}

export function instruments(category: string | null): unknown {
  const instType = category?.toLowerCase() ?? "";
  const rows = ASSETS.map((asset) => ({
    symbol: symbolOf(asset, instType),
    category,
    baseCoin: asset.symbol,
    quoteCoin: instType === "usdc-futures" ? "USDC" : "USDT",
    type: "perpetual",
    status: "online",
    minOrderQty: String(asset.step),
  }));
  return { code: "00000", msg: "success", data: INST_TYPES.some((known) => known === instType) ? rows : [] };
}
