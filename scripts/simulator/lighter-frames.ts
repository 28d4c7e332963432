import type { Asset } from "./assets.ts";
import { ASSETS, onGrid, quantityOnGrid } from "./assets.ts";
import type { NewLedgerEvent } from "./ledger.ts";
import type { MarketLiquidation, Quote } from "./market.ts";
import type { BookSides, Level } from "./order-book.ts";
import type { Random } from "./random.ts";

export interface PerpetualMarket {
  readonly id: number;
  readonly asset: Asset;
}

const IDS: Readonly<Record<string, number>> = { ETH: 0, BTC: 1, SOL: 2 };

export const MARKETS: readonly PerpetualMarket[] = ASSETS.map((asset, index) => ({ id: IDS[asset.symbol] ?? 40 + index, asset }));

export interface Trade {
  readonly trade_id: number;
  readonly trade_id_str: string;
  readonly type: "trade" | "liquidation" | "deleverage";
  readonly market_id: number;
  readonly size: string;
  readonly price: string;
  readonly usd_amount: string;
  readonly is_maker_ask: boolean;
  readonly timestamp: number;
  readonly [field: string]: unknown;
}

/** The fill of a liquidation, with the account as it was before: a part of the position, entered at a better price. */
export function liquidationTrade(liquidation: MarketLiquidation, market: PerpetualMarket, tradeId: number, random: Random): Trade {
  const { side, mark, usd, time } = liquidation;
  const isLong = side === "long";
  const { step, tick } = market.asset;
  const price = onGrid(mark * (1 + (isLong ? -1 : 1) * 0.0004 * random.uniform()), tick);
  const size = quantityOnGrid(usd / mark, step);
  const held = Number(onGrid(Number(size) * (1 + random.uniform()), step));
  const entry = mark * (isLong ? 1.02 : 0.98);
  return {
    ...trade("liquidation", market, tradeId, size, price, !isLong, time),
    taker_fee: 10_000,
    taker_position_size_before: onGrid(isLong ? held : -held, step),
    taker_entry_quote_before: (held * entry).toFixed(6),
    taker_initial_margin_fraction_before: 200 * (1 + random.integer(5)),
  };
}

/** A trade that liquidated nobody, or one that closed a position against its will in another way. */
export function otherTrade(type: "trade" | "deleverage", market: PerpetualMarket, quote: Quote, tradeId: number, now: number): Trade {
  const { asset } = market;
  return trade(type, market, tradeId, quantityOnGrid(500 / quote.mark, asset.step), onGrid(quote.mark, asset.tick), tradeId % 2 === 0, now);
}

function trade(
  type: Trade["type"],
  market: PerpetualMarket,
  tradeId: number,
  size: string,
  price: string,
  isMakerAsk: boolean,
  timestamp: number,
): Trade {
  return {
    trade_id: tradeId,
    trade_id_str: String(tradeId),
    tx_hash: tradeId.toString(16).padStart(80, "0"),
    type,
    market_id: market.id,
    size,
    price,
    usd_amount: (Number(size) * Number(price)).toFixed(6),
    ask_account_id: 722_982,
    bid_account_id: 314_233,
    is_maker_ask: isMakerAsk,
    block_height: 301_149_026,
    timestamp,
    transaction_time: timestamp * 1000,
  };
}

export function ledgerEvent(row: Trade, { asset, id }: PerpetualMarket): NewLedgerEvent {
  return {
    key: row.trade_id_str,
    instrument: `${asset.symbol}:${id}`,
    symbol: asset.symbol,
    position_side: row.is_maker_ask ? "short" : "long",
    event_time: row.timestamp,
    quantity: Number(row.size),
    price: Number(row.price),
    in_history: false,
  };
}

export function marketStats({ asset, id }: PerpetualMarket, quote: Quote): unknown {
  return {
    symbol: asset.symbol,
    market_id: id,
    index_price: onGrid(quote.index, asset.tick),
    mark_price: onGrid(quote.mark, asset.tick),
    open_interest: (quote.openInterest * quote.mark).toFixed(6),
    last_trade_price: onGrid(quote.mark, asset.tick),
    current_funding_rate: (quote.fundingRate * 100).toFixed(4),
    funding_rate: (quote.fundingRate * 100).toFixed(4),
    funding_timestamp: quote.nextFundingTime,
    daily_base_token_volume: quote.turnover / quote.mark,
    daily_quote_token_volume: quote.turnover,
  };
}

export function orderBook({ asset }: PerpetualMarket, sides: BookSides, nonce: number, beginNonce: number): unknown {
  const levels = (side: readonly Level[]) =>
    side.map(([price, coins]) => ({ price: onGrid(price, asset.tick), size: coins === 0 ? "0.0000" : quantityOnGrid(coins, asset.step) }));
  return { code: 0, asks: levels(sides.asks), bids: levels(sides.bids), offset: nonce, nonce, begin_nonce: beginNonce };
}

/** The perpetuals, one that is no longer active, and a spot market in a list of its own. */
export function orderBookDetails(): unknown {
  const perpetuals = MARKETS.map(({ asset, id }) => ({ symbol: asset.symbol, market_id: id, market_type: "perp", status: "active" }));
  const inactive = { symbol: "OLD", market_id: 17, market_type: "perp", status: "inactive" };
  const spot = { symbol: "ETH/USDC", market_id: 2048, market_type: "spot", status: "active" };
  return { code: 200, order_book_details: [...perpetuals, inactive], spot_order_book_details: [spot] };
}
