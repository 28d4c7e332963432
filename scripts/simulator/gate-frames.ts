import type { Asset } from "./assets.ts";
import { ASSETS, onGrid } from "./assets.ts";
import type { NewLedgerEvent } from "./ledger.ts";
import type { MarketLiquidation, Quote } from "./market.ts";
import type { BookSides, Level } from "./order-book.ts";
import type { Random } from "./random.ts";

/** Sizes are in tenths of a contract, so that a client without the header reads others. */
const SIZE_STEP = 0.1;
const FUNDING_SECONDS = 28_800;

/** One liquidation order; what the socket and REST say of it follows. */
export interface Order {
  readonly contract: string;
  readonly time: number;
  readonly side: "long" | "short";
  /** Contracts, one decimal. */
  readonly size: string;
  readonly price: string;
  readonly fillPrice: string;
}

export const contractOf = (asset: Asset): string => `${asset.symbol}_USDT`;

/** The order is a little worse than the mark, and its fill lies between them. */
export function orderOf({ side, mark, time, usd }: MarketLiquidation, asset: Asset, random: Random): Order {
  const away = (side === "long" ? -1 : 1) * (0.001 + 0.004 * random.uniform());
  return {
    contract: contractOf(asset),
    time,
    side,
    size: onGrid(Math.max(SIZE_STEP, usd / mark / asset.gateMultiplier), SIZE_STEP),
    price: onGrid(mark * (1 + away), asset.tick),
    fillPrice: onGrid(mark * (1 + away / 2), asset.tick),
  };
}

export function ledgerEvent(order: Order, key: string, asset: Asset): NewLedgerEvent {
  return {
    key,
    instrument: order.contract,
    symbol: asset.symbol,
    position_side: order.side,
    event_time: order.time,
    quantity: Number(order.size) * asset.gateMultiplier,
    price: Number(order.price),
    in_history: true,
  };
}

/** @param decimals whether the client asked for sizes with decimals: without, fractions are cut off */
export function streamRow({ contract, price, side, size, time }: Order, decimals: boolean): object {
  const signed = side === "long" ? `-${size}` : size;
  return { price, size: decimals ? signed : Math.trunc(Number(signed)), time, contract };
}

/** In seconds, with the whole position as `size`, of which this order is one step. */
export function restRow({ contract, fillPrice, price, side, size, time }: Order): object {
  const order = Number(size) * (side === "long" ? -1 : 1);
  return {
    time: Math.floor(time / 1000),
    contract,
    leverage: "0",
    size: -3 * order,
    margin: "0",
    entry_price: "0",
    liq_price: "0",
    mark_price: "0",
    order_id: 0,
    order_size: order,
    order_price: price,
    fill_price: fillPrice,
    left: 0,
  };
}

export function frame(channel: string, event: string, result: unknown, now: number, more: object = {}): string {
  return JSON.stringify({ time: Math.floor(now / 1000), time_ms: now, ...more, channel, event, result });
}

export function ticker(asset: Asset, quote: Quote): object {
  const contracts = quote.turnover / quote.mark / asset.gateMultiplier;
  return {
    contract: contractOf(asset),
    last: onGrid(quote.mark, asset.tick),
    mark_price: onGrid(quote.mark, asset.tick / 10),
    index_price: onGrid(quote.index, asset.tick / 10),
    funding_rate: quote.fundingRate.toFixed(6),
    funding_rate_indicative: quote.fundingRate.toFixed(6),
    total_size: Math.round((2 * quote.openInterest) / asset.gateMultiplier).toString(),
    volume_24h: Math.round(contracts).toString(),
    volume_24h_base: (quote.turnover / quote.mark).toFixed(4),
    volume_24h_quote: quote.turnover.toFixed(4),
    volume_24h_settle: quote.turnover.toFixed(4),
    quanto_base_rate: "",
  };
}

export function contractRow(asset: Asset, quote: Quote): object {
  return {
    name: contractOf(asset),
    type: "direct",
    quanto_multiplier: String(asset.gateMultiplier),
    order_price_round: String(asset.tick),
    mark_price: onGrid(quote.mark, asset.tick / 10),
    index_price: onGrid(quote.index, asset.tick / 10),
    funding_rate: quote.fundingRate.toFixed(6),
    funding_interval: FUNDING_SECONDS,
    funding_next_apply: Math.floor(quote.nextFundingTime / 1000),
    position_size: Math.round(quote.openInterest / asset.gateMultiplier),
    in_delisting: false,
    status: "trading",
  };
}

export function orderBook(asset: Asset, sides: BookSides, now: number): object {
  const rows = (side: readonly Level[]) =>
    side.map(([price, size]) => ({ p: onGrid(price, asset.tick), s: Math.max(1, Math.round(size / asset.gateMultiplier)) }));
  return { current: now / 1000, update: now / 1000, asks: rows(sides.asks), bids: rows(sides.bids) };
}

export const assetOfContract = (name: unknown): Asset | undefined => ASSETS.find((asset) => contractOf(asset) === name);
