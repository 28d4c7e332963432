import type { Asset } from "./assets.ts";
import { ASSETS, onGrid, quantityOnGrid } from "./assets.ts";
import type { NewLedgerEvent } from "./ledger.ts";
import type { MarketLiquidation, Quote } from "./market.ts";
import type { BookSides, Level } from "./order-book.ts";
import type { Random } from "./random.ts";

/** A perpetual of the venue: those of BTC and ETH are inverse, with sizes in USD. */
export interface Perpetual {
  readonly name: string;
  readonly asset: Asset;
  readonly inverse: boolean;
}

export const PERPETUALS: readonly Perpetual[] = ASSETS.flatMap((asset) => {
  const linear = { name: `${asset.symbol}_USDC-PERPETUAL`, asset, inverse: false };
  const hasInverse = asset.symbol === "BTC" || asset.symbol === "ETH";
  return hasInverse ? [{ name: `${asset.symbol}-PERPETUAL`, asset, inverse: true }, linear] : [linear];
});

export type Liquidated = "T" | "M" | "MT";

export interface Trade {
  readonly trade_seq: number;
  readonly trade_id: string;
  readonly timestamp: number;
  readonly tick_direction: number;
  readonly price: number;
  readonly mark_price: number;
  readonly liquidation?: Liquidated;
  readonly instrument_name: string;
  readonly index_price: number;
  readonly direction: "buy" | "sell";
  readonly amount: number;
  readonly contracts: number;
}

/** USD of an inverse contract, and the step of its sizes. */
const CONTRACT_USD = 10;

/**
 * The trade that liquidated a position: as the taker, whose side is the trade's, as the maker, against it, or with both
 * sides liquidated.
 */
export function liquidationTrade(
  liquidation: MarketLiquidation,
  perpetual: Perpetual,
  flag: Liquidated,
  seq: number,
  random: Random,
): Trade {
  const { asset } = perpetual;
  const worse = liquidation.side === "long" ? -1 : 1;
  const sells = (liquidation.side === "long") === (flag !== "M");
  const price = Number(onGrid(liquidation.mark * (1 + worse * 0.0004 * random.uniform()), asset.tick));
  return {
    ...trade(perpetual, sells ? "sell" : "buy", price, liquidation.usd, liquidation.mark, liquidation.time, seq),
    liquidation: flag,
  };
}

/** A trade that liquidated nobody. */
export function ordinaryTrade(perpetual: Perpetual, quote: Quote, now: number, seq: number, random: Random): Trade {
  const price = Number(onGrid(quote.mark, perpetual.asset.tick));
  return trade(perpetual, random.chance(0.5) ? "buy" : "sell", price, 500 + 5000 * random.uniform(), quote.mark, now, seq);
}

function trade(
  { name, asset, inverse }: Perpetual,
  direction: "buy" | "sell",
  price: number,
  usd: number,
  mark: number,
  timestamp: number,
  seq: number,
): Trade {
  const amount = inverse ? Math.max(1, Math.round(usd / CONTRACT_USD)) * CONTRACT_USD : Number(quantityOnGrid(usd / price, asset.step));
  return {
    trade_seq: seq,
    trade_id: inverse && asset.symbol === "BTC" ? String(seq) : `${name.split("-", 1)[0]}-${seq}`,
    timestamp,
    tick_direction: 3,
    price,
    mark_price: Number(mark.toFixed(4)),
    instrument_name: name,
    index_price: Number(mark.toFixed(2)),
    direction,
    amount,
    contracts: inverse ? amount / CONTRACT_USD : Math.round(amount / asset.step),
  };
}

/** One event for each side that the trade liquidated. */
export function ledgerEvents(row: Trade, { asset, inverse }: Perpetual): readonly NewLedgerEvent[] {
  const taker = row.direction === "sell" ? "long" : "short";
  const maker = taker === "long" ? "short" : "long";
  const sides = row.liquidation === "MT" ? [taker, maker] : row.liquidation === "T" ? [taker] : [maker];
  return sides.map((side) => ({
    key: `${row.trade_id}|${side}`,
    instrument: row.instrument_name,
    symbol: asset.symbol,
    position_side: side as NewLedgerEvent["position_side"],
    event_time: row.timestamp,
    quantity: inverse ? row.amount / row.price : row.amount,
    price: row.price,
    in_history: true,
  }));
}

export function push(channel: string, data: unknown): string {
  return JSON.stringify({ jsonrpc: "2.0", method: "subscription", params: { channel, data } });
}

export function ticker({ name, asset, inverse }: Perpetual, quote: Quote, touch: BookSides, now: number): unknown {
  const [bid] = touch.bids;
  const [ask] = touch.asks;
  const openInterest = inverse ? Math.round((quote.openInterest * quote.mark) / CONTRACT_USD) * CONTRACT_USD : quote.openInterest;
  return {
    funding_8h: Number(quote.fundingRate.toFixed(8)),
    current_funding: 0,
    estimated_delivery_price: quote.index,
    best_bid_amount: sizeOf(bid?.[1] ?? 0, quote.mark, asset, inverse),
    best_ask_amount: sizeOf(ask?.[1] ?? 0, quote.mark, asset, inverse),
    best_bid_price: Number(onGrid(bid?.[0] ?? 0, asset.tick)),
    best_ask_price: Number(onGrid(ask?.[0] ?? 0, asset.tick)),
    interest_value: 0.01,
    open_interest: openInterest,
    mark_price: Number(quote.mark.toFixed(4)),
    last_price: Number(onGrid(quote.mark, asset.tick)),
    index_price: Number(quote.index.toFixed(4)),
    instrument_name: name,
    state: "open",
    stats: { volume_usd: Number(quote.turnover.toFixed(2)), volume: quote.turnover / quote.mark, price_change: 0.1, low: 1, high: 2 },
    timestamp: now,
  };
}

function sizeOf(coins: number, price: number, asset: Asset, inverse: boolean): number {
  return inverse ? Math.max(1, Math.round((coins * price) / CONTRACT_USD)) * CONTRACT_USD : Number(quantityOnGrid(coins, asset.step));
}

export interface BookNumbers {
  readonly change_id: number;
  readonly prev_change_id?: number;
}

/** A snapshot says `new` at every level, a change also `change` and `delete`. */
export function book(
  { name, asset, inverse }: Perpetual,
  sides: BookSides,
  isSnapshot: boolean,
  numbers: BookNumbers,
  now: number,
): unknown {
  const levels = (side: readonly Level[]) =>
    side.map(([price, coins]) => {
      const action = isSnapshot ? "new" : coins === 0 ? "delete" : "change";
      return [action, Number(onGrid(price, asset.tick)), coins === 0 ? 0 : sizeOf(coins, price, asset, inverse)];
    });
  const data = { timestamp: now, ...numbers, instrument_name: name, bids: levels(sides.bids), asks: levels(sides.asks) };
  return { type: isSnapshot ? "snapshot" : "change", ...data };
}

/** The perpetuals and a dated contract that is listed only. */
export function instruments(): unknown {
  const dated = { ...instrument({ name: "BTC-25DEC26", asset: ASSETS[0] as Asset, inverse: true }), settlement_period: "month" };
  return [...PERPETUALS.map(instrument), dated];
}

function instrument({ name, asset, inverse }: Perpetual): Readonly<Record<string, unknown>> {
  return {
    instrument_name: name,
    kind: "future",
    settlement_period: "perpetual",
    instrument_type: inverse ? "reversed" : "linear",
    base_currency: asset.symbol,
    quote_currency: inverse ? "USD" : "USDC",
    counter_currency: inverse ? "USD" : "USDC",
    settlement_currency: inverse ? asset.symbol : "USDC",
    contract_size: inverse ? CONTRACT_USD : asset.step,
    tick_size: asset.tick,
    min_trade_amount: inverse ? CONTRACT_USD : asset.step,
    is_active: true,
  };
}
