import type { VenueLiquidation } from "../liquidation.ts";
import { EARLIEST_TIME } from "./decoding/time.ts";
import { isDollar } from "./decoding/valuation.ts";
import type { Instrument } from "./exchange.ts";

/**
 * Bounds that no venue can mean to exceed. They are wide: they catch values that would spoil every sum and baseline
 * they reach (1e307 USD), and do not judge what a market may do. A value outside is refused as a whole and counted as a
 * reject.
 */

/** A venue's clock may run ahead of ours by this much, ms. */
const MAX_AHEAD_MS = 60_000;
/**
 * Price in quote per base unit. The smallest traded price is about 1e-10 (one BABYDOGE), the largest about 1e5 (one
 * BTC).
 */
const MIN_PRICE = 1e-15;
const MAX_PRICE = 1e9;
/** Base units or contracts: 1e9 USD of an asset at 1e-9 USD. */
const MAX_QUANTITY = 1e18;
/** Below it a size times a price has no digits left. No venue trades so little. */
const MIN_QUANTITY = 1e-30;
/**
 * A fill or bankruptcy price above the mark price by more than a wrong unit explains. The bound below it is wider,
 * because crashes did print prices thousands of times below the mark.
 */
const MAX_PRICE_TO_MARK = 100;
const MIN_PRICE_TO_MARK = 1e-5;
/** The whole open interest of a contract, or the whole depth of a book; BTC's on the largest venue is about 1e10. */
export const MAX_MARKET_USD = 1e12;
/** Per funding interval, as a share of the position. Venues cap their rates at 0.04. */
const MAX_FUNDING_RATE = 1;

/** Ten times the highest leverage that a venue is known to offer. */
const MAX_LEVERAGE = 10_000;

/** Letters and digits of any script, as in `牛来USDT`, `tBTCF0:USTF0`, `BTC-USDT-SWAP`, `BTCUSD_PERP`. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}_:.-]*$/u;
const MAX_NAME_LENGTH = 50;
const MAX_ASSET_LENGTH = 30;
/** Enumeration values: LIMIT, IOC, PARTIALLY_FILLED. */
const WORD = /^\w{1,32}$/;
/** Names, words and numbers, joined by colons. */
const ID = /^[\p{L}\p{N}_:.+-]+$/u;
/** The longest id consists of a full name and five full numbers. */
const MAX_ID_LENGTH = 250;

export function isInstrumentName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && NAME.test(name);
}

function isAssetName(name: string): boolean {
  return name.length <= MAX_ASSET_LENGTH && NAME.test(name);
}

/** Whether a row of a venue's table is a plausible contract: names, multiplier and contract size. */
export function isSoundInstrument({ instrument, symbol, quote, scale, contract }: Instrument): boolean {
  const size = contract.kind === "base" ? contract.size : contract.usd;
  return (
    isInstrumentName(instrument) &&
    isAssetName(symbol) &&
    isAssetName(quote) &&
    scale >= 1 &&
    scale <= MAX_SCALE &&
    (size === null || (size > 0 && size <= MAX_CONTRACT_SIZE))
  );
}

const MAX_SCALE = 1e9;
/** Coins or USD per contract; the largest is 1e7 coins, for assets at 1e-6 USD. */
const MAX_CONTRACT_SIZE = 1e12;

export function isPrice(price: number): boolean {
  return price >= MIN_PRICE && price <= MAX_PRICE;
}

export function isQuantity(quantity: number): boolean {
  return quantity === 0 || (quantity >= MIN_QUANTITY && quantity <= MAX_QUANTITY);
}

/** A fund may owe: its balance is then negative. */
export function isInsuranceFund(balance: number | null): boolean {
  return balance === null || isQuantity(Math.abs(balance));
}

export function isCurrency(name: string | null): boolean {
  return name === null || isAssetName(name);
}

export function isFundingRate(rate: number): boolean {
  return Math.abs(rate) <= MAX_FUNDING_RATE;
}

export function isFundingInterval(intervalMs: number): boolean {
  return intervalMs >= 60_000 && intervalMs <= 7 * 86_400_000;
}

/** @returns the problem of a venue's time, or null */
export function timeFault(time: number, receivedTime: number): string | null {
  if (!Number.isSafeInteger(time) || time < EARLIEST_TIME) return "time is no whole millisecond since 2017";
  return time > receivedTime + MAX_AHEAD_MS ? "time is more than 60 s ahead" : null;
}

/** The known data of an instrument when its liquidation is checked. */
export interface Known {
  /** Whether it is in the table, whose names are valid. */
  readonly listed: boolean;
  /** The last mark price of the session, in quote per base unit. */
  readonly mark: number | undefined;
  /** The venue's bound for a single liquidation. */
  readonly maxUsd: number;
}

/** @returns the problem of a liquidation, as one of a few fixed phrases, or null */
export function liquidationFault(liquidation: VenueLiquidation, known: Known, receivedTime: number): string | null {
  return nameFault(liquidation, known.listed) ?? timeFault(liquidation.event_time, receivedTime) ?? amountFault(liquidation, known);
}

function nameFault(liquidation: VenueLiquidation, listed: boolean): string | null {
  const { instrument, symbol, quote, event_id, order_type, time_in_force, order_status } = liquidation;
  if (!listed && !(isInstrumentName(instrument) && isAssetName(symbol) && (quote === "" || isAssetName(quote)))) {
    return "name is longer or other than an instrument's";
  }
  if (event_id.length > MAX_ID_LENGTH) return "id is too long";
  if (!ID.test(event_id)) return "id has other characters than names and numbers";
  return isWord(order_type) && isWord(time_in_force) && isWord(order_status) ? null : "order's type or status is no word";
}

function isWord(value: string | null): boolean {
  return value === null || WORD.test(value);
}

function amountFault(liquidation: VenueLiquidation, { mark, maxUsd }: Known): string | null {
  const { price, quantity, usd_value, quote } = liquidation;
  const { average_price, limit_price, venue_entry_price } = liquidation;
  const isPriced = isKnownPrice(price) && isKnownPrice(average_price) && isKnownPrice(limit_price) && isKnownPrice(venue_entry_price);
  if (!isPriced) return "price is beyond 1e-15 to 1e9";
  if (price !== null && mark !== undefined && !isNear(price, mark)) return "price is far from the instrument's mark price";
  const { contracts, last_filled_quantity, venue_position_quantity, venue_leverage } = liquidation;
  const isSized = isKnownQuantity(quantity) && isKnownQuantity(contracts) && isKnownQuantity(last_filled_quantity);
  if (!isSized || !isKnownQuantity(venue_position_quantity)) return "size is beyond 1e-30 to 1e18";
  if (venue_leverage !== null && !(venue_leverage > 0 && venue_leverage <= MAX_LEVERAGE)) return "leverage is beyond 0 to 10,000";
  if (usd_value !== null && !isQuantity(Math.abs(usd_value))) return "USD value is beyond 1e-30 to 1e18";
  const markUsd = mark !== undefined && quantity !== null && isDollar(quote) ? quantity * mark : 0;
  if (!(Math.abs(usd_value ?? 0) <= maxUsd && markUsd <= maxUsd)) return "USD value is beyond the venue's bound";
  return Math.abs(liquidation.bankruptcy_loss ?? 0) <= maxUsd ? null : "bankruptcy loss is beyond the venue's bound";
}

function isKnownPrice(price: number | null): boolean {
  return price === null || isPrice(price);
}

function isKnownQuantity(quantity: number | null): boolean {
  return quantity === null || isQuantity(quantity);
}

/** Whether a price can be one of an instrument with this mark price. */
export function isNear(price: number, mark: number): boolean {
  return price <= mark * MAX_PRICE_TO_MARK && price >= mark * MIN_PRICE_TO_MARK;
}

/** Whether a mark price can follow another within seconds: venues smooth theirs, also in a crash. */
export function followsMark(mark: number, last: number): boolean {
  return mark <= last * MAX_MARK_JUMP && last <= mark * MAX_MARK_JUMP;
}

const MAX_MARK_JUMP = 10;

/** Whether both can be of one instrument: a mark price is its index price and a premium of some percent. */
export function areMarkAndIndex(mark: number, index: number): boolean {
  return mark <= index * MAX_MARK_TO_INDEX && index <= mark * MAX_MARK_TO_INDEX;
}

const MAX_MARK_TO_INDEX = 100;
