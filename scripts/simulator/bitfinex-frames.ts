import type { Asset } from "./assets.ts";
import { ASSETS, onGrid } from "./assets.ts";
import type { NewLedgerEvent } from "./ledger.ts";
import type { MarketLiquidation, Quote } from "./market.ts";
import type { BookSides, Level } from "./order-book.ts";
import type { Random } from "./random.ts";

/** `["pos", id, ms, null, symbol, amount, entry price, null, is match, is market sold, null, price acquired]` */
export type Row = readonly ["pos", number, number, null, string, number, number, null, 0 | 1, 0 | 1, null, number | null];

export const pairOf = (asset: Asset): string => `${asset.symbol}F0:USTF0`;
export const symbolOf = (asset: Asset): string => `t${pairOf(asset)}`;
export const isTrigger = (row: Row): boolean => row[8] === 0;

/** How the rows of one liquidation come. */
type Pattern = "trigger_alone" | "trigger_with_price" | "execution_first" | "trigger_without_price";
const PATTERNS: readonly (readonly [Pattern, number])[] = [
  ["trigger_alone", 0.3],
  ["trigger_with_price", 0.3],
  ["execution_first", 0.3],
  ["trigger_without_price", 0.1],
];

/**
 * The rows of one liquidation in the order they are sent, and the one event they amount to. The trigger row names
 * the whole position; executions name parts of it, may come first, and may be the only ones with a price.
 */
export function liquidationRows(
  liquidation: MarketLiquidation,
  asset: Asset,
  position: number,
  random: Random,
): { readonly rows: readonly Row[]; readonly event: NewLedgerEvent } {
  const { side, mark, time, usd } = liquidation;
  const sign = side === "long" ? 1 : -1;
  const symbol = symbolOf(asset);
  const amount = Number((usd / mark).toFixed(8)) * sign;
  const entry = mark * (1 + sign * (0.02 + 0.1 * random.uniform()));
  const acquired = Number(onGrid(mark * (1 - sign * 0.002 * random.uniform()), asset.bitfinexTick));
  const pattern = random.weighted(PATTERNS);
  const triggerPrice = pattern === "trigger_alone" || pattern === "trigger_with_price" ? acquired : null;
  const trigger: Row = ["pos", position, time, null, symbol, amount, entry, null, 0, 1, null, triggerPrice];
  const part = Number((amount * (0.4 + 0.6 * random.uniform())).toFixed(8));
  const execution: Row = ["pos", position, time + 9, null, symbol, part, entry, null, 1, random.chance(0.5) ? 1 : 0, null, acquired];
  const rows = pattern === "trigger_alone" ? [trigger] : pattern === "execution_first" ? [execution, trigger] : [trigger, execution];
  const price = pattern === "trigger_without_price" ? null : acquired;
  return { rows, event: ledgerEvent(trigger, asset, side, price) };
}

function ledgerEvent(trigger: Row, asset: Asset, side: "long" | "short", price: number | null): NewLedgerEvent {
  const [, position, time, , instrument, amount] = trigger;
  const key = [position, time, 0, amount].join("|");
  const quantity = Math.abs(amount);
  return { key, instrument, symbol: asset.symbol, position_side: side, event_time: time, quantity, price, in_history: true };
}

/** A row of `/v2/tickers`: the last price is the eighth value, the coins of 24 hours are the ninth. */
export function tickerRow(asset: Asset, quote: Quote): readonly (string | number)[] {
  const last = Number(onGrid(quote.mark, asset.bitfinexTick));
  return [symbolOf(asset), last, 1, last + asset.bitfinexTick, 1, 0, 0, last, quote.turnover / quote.mark, last, last];
}

/** Somebody's spot-margin position: the feed is platform-wide. */
export function spotRow(liquidation: MarketLiquidation, position: number, random: Random): Row {
  const { symbol, mark, time } = liquidation;
  const amount = Number((random.uniform() * 4 - 2).toFixed(5));
  return ["pos", position, time + 3, null, `t${symbol}USD`, amount, mark * 1.1, null, 0, 1, null, mark];
}

export type TopicReading =
  | { readonly kind: "known"; readonly name: string; readonly echo: object }
  | { readonly kind: "unknown_channel" | "unknown_key" | "unknown_symbol" };

/** What a subscribe request asks for; `name` is `status:<key>` or `book:<symbol>`. */
export function topicOf(request: Readonly<Record<string, unknown>>): TopicReading {
  if (request["channel"] === "status") {
    const key = String(request["key"]);
    const known = key === "liq:global" || ASSETS.some((asset) => key === `deriv:${symbolOf(asset)}`);
    return known ? { kind: "known", name: `status:${key}`, echo: {} } : { kind: "unknown_key" };
  }
  if (request["channel"] === "book") {
    const symbol = String(request["symbol"]);
    if (!ASSETS.some((asset) => symbol === symbolOf(asset))) return { kind: "unknown_symbol" };
    const { prec = "P0", freq = "F0", len = "25" } = request;
    return { kind: "known", name: `book:${symbol}`, echo: { prec, freq, len, pair: symbol.slice(1) } };
  }
  return { kind: "unknown_channel" };
}

/** `["deriv", "BTC"]` out of a topic's name. */
export function partsOf(topic: string): readonly [kind: "deriv" | "book", symbol: string] {
  const symbol = /t([A-Z]+)F0:USTF0$/.exec(topic)?.[1] ?? "";
  return [topic.startsWith("book:") ? "book" : "deriv", symbol];
}

const FUND = 62_210_384.95685668;

/** [2] deriv mid, [3] spot mid, [5] insurance fund, [7] next funding, [11] current funding, [14] mark, [17] open interest. */
export function derivRow(quote: Quote, mid: number, stress: number, now: number): string {
  const funding = Number(quote.fundingRate.toFixed(8));
  const head = [
    now,
    null,
    Number(mid.toFixed(8)),
    Number(quote.index.toFixed(4)),
    null,
    FUND * (1 - 0.05 * stress),
    null,
    quote.nextFundingTime,
  ];
  const middle = [Number((funding / 3).toFixed(8)), 3873, null, funding, null, null, Number(quote.mark.toFixed(4)), null, null];
  const tail = [Number(quote.openInterest.toFixed(8)), null, null, null, 0.0005, 0.0025];
  return JSON.stringify([...head, ...middle, ...tail]);
}

/** `[price, count, amount]`; a bid's amount is positive, an ask's negative. */
export function bookSnapshot(asset: Asset, sides: BookSides): string {
  return `[${[...sides.bids.map((level) => bookRow(asset, level, 1)), ...sides.asks.map((level) => bookRow(asset, level, -1))].join(",")}]`;
}

export function bookUpdates(asset: Asset, change: BookSides): string[] {
  return [...change.bids.map((level) => bookRow(asset, level, 1)), ...change.asks.map((level) => bookRow(asset, level, -1))];
}

function bookRow(asset: Asset, [price, size]: Level, sign: 1 | -1): string {
  const shown = Number(onGrid(price, asset.bitfinexTick));
  return size === 0 ? `[${shown},0,${sign}]` : `[${shown},2,${(sign * size).toFixed(8)}]`;
}
