import type { Asset } from "./assets.ts";
import { ASSETS, onGrid } from "./assets.ts";
import type { NewLedgerEvent } from "./ledger.ts";
import type { MarketLiquidation, Quote } from "./market.ts";
import type { BookSides, Level } from "./order-book.ts";
import type { Random } from "./random.ts";

export interface LiquidationRow {
  readonly symbol: string;
  readonly contract_code: string;
  /** Side of the ORDER: buy closes a short. */
  readonly direction: "buy" | "sell";
  readonly offset: "close";
  /** Contracts. */
  readonly volume: number;
  readonly price: number;
  readonly created_at: number;
  /** Coins. */
  readonly amount: number;
  readonly trade_turnover: number;
  readonly contract_type: "swap";
  readonly pair: string;
  readonly business_type: "swap";
  readonly trade_partition: "USDT";
}

export const codeOf = (asset: Asset): string => `${asset.symbol}-USDT`;
export const assetOfCode = (code: string | undefined): Asset | undefined => ASSETS.find((asset) => codeOf(asset) === code);

/** Without the digits that a product of decimals has only in binary. */
const exact = (value: number): number => Number(value.toPrecision(14));

export function liquidationRow({ side, mark, time, usd }: MarketLiquidation, asset: Asset, random: Random): LiquidationRow {
  const away = (side === "long" ? -1 : 1) * (0.002 + 0.004 * random.uniform());
  const volume = Math.max(1, Math.round(usd / mark / asset.htxContract));
  const price = Number(onGrid(mark * (1 + away), asset.tick));
  return rowOf(asset, side === "long" ? "sell" : "buy", volume, price, time);
}

function rowOf(asset: Asset, direction: "buy" | "sell", volume: number, price: number, time: number): LiquidationRow {
  const amount = exact(volume * asset.htxContract);
  return {
    symbol: asset.symbol,
    contract_code: codeOf(asset),
    direction,
    offset: "close",
    volume,
    price,
    created_at: time,
    amount,
    trade_turnover: exact(amount * price),
    contract_type: "swap",
    pair: codeOf(asset),
    business_type: "swap",
    trade_partition: "USDT",
  };
}

/** Another row, as only twins are equal in every field. */
export function oneContractMore(row: LiquidationRow, asset: Asset): LiquidationRow {
  return rowOf(asset, row.direction, row.volume + 1, row.price, row.created_at);
}

export const keyOf = ({ contract_code, created_at, direction, volume, price }: LiquidationRow, ordinal: number): string =>
  [contract_code, created_at, direction, volume, price, ordinal].join("|");

export function ledgerEvent(row: LiquidationRow, key: string): NewLedgerEvent {
  return {
    key,
    instrument: row.contract_code,
    symbol: row.symbol,
    position_side: row.direction === "sell" ? "long" : "short",
    event_time: row.created_at,
    quantity: row.amount,
    price: row.price,
    in_history: true,
  };
}

export function notification(topic: string, data: readonly unknown[], now: number): object {
  return { op: "notify", topic, ts: now, data };
}

export function fundingRow(asset: Asset, quote: Quote): object {
  return {
    symbol: asset.symbol,
    contract_code: codeOf(asset),
    fee_asset: "USDT",
    funding_time: String(quote.nextFundingTime - 28_800_000),
    funding_rate: quote.fundingRate.toFixed(12),
    estimated_rate: null,
    settlement_time: String(quote.nextFundingTime),
  };
}

/** A candle of one minute; only its close changes here. */
export function candle(channel: string, price: number, now: number): object {
  const text = price.toFixed(6);
  return { ch: channel, ts: now, tick: { id: Math.floor(now / 60_000) * 60, open: text, close: text, high: text, low: text, amount: "0" } };
}

export function contractInfo(now: number): unknown {
  const data = ASSETS.map((asset) => ({
    symbol: asset.symbol,
    contract_code: codeOf(asset),
    contract_size: asset.htxContract,
    price_tick: asset.tick,
    contract_status: 1,
    settlement_period: "8",
    business_type: "swap",
    trade_partition: "USDT",
  }));
  return { status: "ok", data, ts: now };
}

/** The day's trades of both sides, in contracts, coins and USDT. */
export function merged(asset: Asset, quote: Quote, now: number): unknown {
  const amount = quote.turnover / quote.mark;
  const tick = {
    amount: amount.toFixed(4),
    vol: String(Math.round(amount / asset.htxContract)),
    trade_turnover: quote.turnover.toFixed(4),
    close: String(quote.mark),
    ts: now,
  };
  return { ch: `market.${codeOf(asset)}.detail.merged`, status: "ok", tick, ts: now };
}

/** Both sides of every contract. */
export function openInterest(asset: Asset, quote: Quote, now: number): unknown {
  const amount = 2 * quote.openInterest;
  const data = [
    { symbol: asset.symbol, contract_code: codeOf(asset), amount, volume: amount / asset.htxContract, value: amount * quote.mark },
  ];
  return { status: "ok", data, ts: now };
}

export function depth(asset: Asset, sides: BookSides, now: number): unknown {
  const levels = (side: readonly Level[]) =>
    side.map(([price, size]) => [Number(onGrid(price, asset.tick)), Math.max(1, Math.round(size / asset.htxContract))]);
  return {
    ch: `market.${codeOf(asset)}.depth.step0`,
    status: "ok",
    tick: { asks: levels(sides.asks), bids: levels(sides.bids), ts: now },
    ts: now,
  };
}
