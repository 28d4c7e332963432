import type { Asset } from "./assets.ts";
import { ASSETS, onGrid } from "./assets.ts";
import type { NewLedgerEvent } from "./ledger.ts";
import type { Quote } from "./market.ts";
import type { BookSides, Level } from "./order-book.ts";

/** A perpetual of the venue: XBTUSD is inverse, with contracts of 1 USD; linear ones count parts of a coin. */
export interface Contract {
  readonly name: string;
  readonly asset: Asset;
  readonly underlying: string;
  /** Contracts per coin; null where the contract is inverse. */
  readonly perCoin: number | null;
}

export const CONTRACTS: readonly Contract[] = ASSETS.flatMap((asset) => {
  const underlying = asset.symbol === "BTC" ? "XBT" : asset.symbol;
  const linear = { name: `${underlying}USDT`, asset, underlying, perCoin: asset.symbol === "BTC" ? 1_000_000 : 100_000 };
  return asset.symbol === "BTC" ? [{ name: "XBTUSD", asset, underlying, perCoin: null }, linear] : [linear];
});

export interface Order {
  readonly orderID: string;
  readonly symbol: string;
  readonly side: "Buy" | "Sell";
  readonly price: number;
  readonly leavesQty: number;
}

/** Whole lots of 100 contracts, as the venue trades them. */
export function contractsFor(usd: number, price: number, { perCoin }: Contract): number {
  return Math.max(1, Math.round((perCoin === null ? usd : (usd / price) * perCoin) / LOT)) * LOT;
}

const LOT = 100;

/** The limit of a liquidation order is near the bankruptcy price, beyond the mark. */
export function limitPrice(mark: number, side: "Buy" | "Sell", { asset }: Contract): number {
  return Number(onGrid(mark * (side === "Sell" ? 0.994 : 1.006), asset.tick));
}

/** What the insert of an order, or a rise of it, is worth; the venue gives no time, so the push is the event's. */
export function ledgerEvent(order: Order, contracts: number, contract: Contract, ordinal: number, now: number): NewLedgerEvent {
  return {
    key: `${order.orderID}|${ordinal}`,
    instrument: order.symbol,
    symbol: contract.asset.symbol,
    position_side: order.side === "Sell" ? "long" : "short",
    event_time: now,
    quantity: contract.perCoin === null ? contracts / order.price : contracts / contract.perCoin,
    price: order.price,
    in_history: false,
  };
}

export function table(name: string, action: "partial" | "insert" | "update" | "delete", data: readonly unknown[]): string {
  const head = action === "partial" ? { keys: ["orderID"], types: {}, filter: {} } : {};
  return JSON.stringify({ table: name, action, ...head, data });
}

export function marketFields({ asset, perCoin }: Contract, quote: Quote, touch: BookSides): Readonly<Record<string, unknown>> {
  const price = (level: Level | undefined) => Number(onGrid(level?.[0] ?? 0, asset.tick));
  return {
    markPrice: Number(quote.mark.toFixed(4)),
    indicativeSettlePrice: Number(quote.index.toFixed(4)),
    fundingRate: Number(quote.fundingRate.toFixed(6)),
    openInterest: Math.round(perCoin === null ? quote.openInterest * quote.mark : quote.openInterest * perCoin),
    foreignNotional24h: Math.round(quote.turnover),
    bidPrice: price(touch.bids[0]),
    askPrice: price(touch.asks[0]),
  };
}

export function instrument(contract: Contract, fields: Readonly<Record<string, unknown>>, now: number): Readonly<Record<string, unknown>> {
  const { name, underlying, perCoin } = contract;
  const isInverse = perCoin === null;
  return {
    symbol: name,
    typ: "FFWCSX",
    state: "Open",
    underlying,
    quoteCurrency: isInverse ? "USD" : "USDT",
    settlCurrency: isInverse ? "XBt" : "USDt",
    isQuanto: false,
    isInverse,
    multiplier: isInverse ? -100_000_000 : 1,
    underlyingToPositionMultiplier: perCoin,
    underlyingToSettleMultiplier: isInverse ? -100_000_000 : null,
    lotSize: LOT,
    fundingInterval: "2000-01-01T08:00:00.000Z",
    ...fields,
    timestamp: new Date(now).toISOString(),
  };
}

/** A quanto contract and a future, which are listed and never traded here. */
export function otherInstruments(now: number): readonly unknown[] {
  const [first] = CONTRACTS;
  if (first === undefined) return [];
  const quanto = { ...instrument(first, {}, now), symbol: "ETHUSD", underlying: "ETH", isInverse: false, isQuanto: true, multiplier: 100 };
  return [quanto, { ...instrument(first, {}, now), symbol: "XBTZ26", typ: "FFCCSX" }];
}

export function bookRows({ name, asset, perCoin }: Contract, sides: BookSides): readonly unknown[] {
  const rows = (side: "Buy" | "Sell", levels: readonly Level[]) =>
    levels.map(([price, coins]) => {
      const size = Math.max(1, Math.round(perCoin === null ? coins * price : coins * perCoin));
      return { symbol: name, id: Math.round(price / asset.tick), side, size, price: Number(onGrid(price, asset.tick)) };
    });
  return [...rows("Sell", sides.asks.toReversed()), ...rows("Buy", sides.bids)];
}
