import type { FeedMessage, Instrument } from "../../src/exchanges/exchange.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { LIQUIDATION_FIELDS } from "../../src/liquidation-fields.ts";
import { storableRows } from "../../src/storable.ts";

/**
 * What no stored value may be, written without the adapters' own bounds, so that a bound that is missing or wrong is
 * found here.
 */

const EARLIEST = Date.UTC(2017, 0);
const MAX_AHEAD_MS = 60_000;
const MAX_TEXT = 250;
/** Texts for people: errors, rejects, details. */
const MAX_LONG_TEXT = 4096;
/** No venue has seen a liquidation of a tenth of it. */
const MAX_LIQUIDATION_USD = 1e9;
const MAX_MARKET_USD = 1e12;
/** A value that is farther than this from the mark price of its instrument is none of its market. */
const MAX_FACTOR = 1e5;
/** √Σr² over five minutes: 1,000 %. */
const MAX_VOLATILITY = 10;

/** @returns what is absurd about a row as it would be stored, or null */
export function absurdityOf(row: Liquidation): string | null {
  return formFault(row) ?? venueFault(row) ?? marketFault(row);
}

function formFault(row: Liquidation): string | null {
  const { refused, nulled, rows } = storableRows([row]);
  const [changed] = [...refused, ...nulled];
  if (changed !== undefined) return `the stores refuse it: ${changed.reason}`;
  for (const { name, type } of LIQUIDATION_FIELDS) {
    const value = row[name];
    if (type === "text" && typeof value === "string" && !isCleanText(value)) return `${name} is ${JSON.stringify(value.slice(0, 300))}`;
    if (typeof value === "number" && !Object.is(rows[0]?.[name], value) && value !== 0) return `${name} is ${value}`;
  }
  return null;
}

function isCleanText(text: string): boolean {
  return text.length <= MAX_TEXT && text.isWellFormed() && !/[\p{Cc}\p{Cf}\s]/u.test(text);
}

function venueFault(row: Liquidation): string | null {
  const { event_time, received_time, price, quantity, usd_value, position_side, order_side, symbol, instrument } = row;
  if (symbol === "" || instrument === "") return "it has no name";
  if (event_time < EARLIEST || event_time > received_time + MAX_AHEAD_MS)
    return `event_time is ${event_time}, received at ${received_time}`;
  if ((position_side === "long") !== (order_side === "sell")) return `a ${position_side} is closed by a ${order_side}`;
  for (const name of ["price", "average_price", "limit_price"] as const) {
    const value = row[name];
    if (value !== null && !(value > 0 && value <= 1e9)) return `${name} is ${value}`;
  }
  for (const name of ["quantity", "contracts", "last_filled_quantity"] as const) {
    const value = row[name];
    if (value !== null && !(value >= 0 && value <= 1e18)) return `${name} is ${value}`;
  }
  if (usd_value !== null && !(usd_value >= 0 && usd_value <= MAX_LIQUIDATION_USD)) return `usd_value is ${usd_value}`;
  if (usd_value !== null && price !== null && quantity !== null && !isAbout(usd_value, quantity * price)) {
    return `usd_value is ${usd_value}, not ${quantity} × ${price}`;
  }
  return null;
}

/** Sums of floating point numbers differ in their last digits. */
function isAbout(left: number, right: number): boolean {
  return Math.abs(left - right) <= 1e-9 * Math.max(Math.abs(left), Math.abs(right));
}

function marketFault(row: Liquidation): string | null {
  const { mark_price: mark } = row;
  if (mark !== null && !(mark > 0 && mark <= 1e9)) return `mark_price is ${mark}`;
  for (const name of ["price", "index_price", "best_bid", "best_ask"] as const) {
    const value = row[name];
    if (value !== null && mark !== null && !(value <= mark * MAX_FACTOR && value >= mark / MAX_FACTOR)) {
      return `${name} is ${value}, and the mark price ${mark}`;
    }
  }
  return MARKET_BOUNDS.map(([name, least, most]) => outside(row, name, least, most)).find((fault) => fault !== null) ?? null;
}

const MARKET_BOUNDS = [
  ["notional_mark_usd", 0, MAX_LIQUIDATION_USD],
  ["mark_age_ms", 0, 10_000],
  ["book_age_ms", 0, 10_000],
  ["funding_rate", -1, 1],
  ["open_interest_usd", 0, MAX_MARKET_USD],
  ["bid_depth_usd", 0, MAX_MARKET_USD],
  ["ask_depth_usd", 0, MAX_MARKET_USD],
  ["spread_bps", 0, 20_000],
  ["imbalance_ratio", -1, 1],
  ["volatility_5m", 0, MAX_VOLATILITY],
] as const;

function outside(row: Liquidation, name: (typeof MARKET_BOUNDS)[number][0], least: number, most: number): string | null {
  const value = row[name];
  return value === null || (value >= least && value <= most) ? null : `${name} is ${value}`;
}

/** @returns what is absurd about a message that the collector keeps in another way than as a liquidation, or null */
export function messageFault(message: FeedMessage, instruments: ReadonlyMap<string, Instrument>, receivedTime: number): string | null {
  switch (message.kind) {
    case "mark":
      if (!instruments.has(message.instrument)) return "a mark price of an instrument outside the table";
      if (!(message.price > 0 && message.price <= 1e9)) return `a mark price of ${message.price}`;
      return isTime(message.time, receivedTime) ? null : `a mark price of the time ${message.time}`;
    case "adl": {
      const { instrument, insuranceFund: fund, currency, time, validMs } = message;
      if (!instruments.has(instrument)) return "a state of auto-deleveraging of an instrument outside the table";
      if (fund !== null && !(Math.abs(fund) <= 1e18)) return `an insurance fund of ${fund}`;
      if (currency !== null && (currency.length > MAX_TEXT || !isCleanText(currency))) return `a currency ${currency.slice(0, MAX_TEXT)}`;
      return isTime(time, receivedTime) && validMs > 0 ? null : `a state of auto-deleveraging of the time ${time}`;
    }
    case "execution":
      return isTime(message.time, receivedTime) && message.text.length <= MAX_LONG_TEXT ? null : "a detail of an absurd time or length";
    case "error":
      return message.message.length <= MAX_LONG_TEXT ? null : "an error of an absurd length";
    case "reject":
      return message.text.length <= MAX_LONG_TEXT && message.reason.length <= MAX_TEXT ? null : "a reject of an absurd length";
    case "reconnect":
      return message.reason.length <= MAX_TEXT ? null : "a reason of an absurd length";
    case "skipped":
      return message.reason.length <= MAX_TEXT ? null : "a reason of an absurd length";
    default:
      return null;
  }
}

function isTime(time: number, receivedTime: number): boolean {
  return Number.isSafeInteger(time) && time >= EARLIEST && time <= receivedTime + MAX_AHEAD_MS;
}

/** @returns what is absurd about a contract of a loaded table, or null */
export function contractFault({ instrument, symbol, quote, scale, contract }: Instrument): string | null {
  const size = contract.kind === "base" ? contract.size : contract.usd;
  if (![instrument, symbol, quote].every((name) => name !== "" && name.length <= 50 && isCleanText(name))) {
    return `a contract named ${JSON.stringify([instrument, symbol, quote]).slice(0, 300)}`;
  }
  if (!(scale >= 1 && scale <= 1e9)) return `a contract of ${scale} units`;
  return size === null || (size > 0 && size <= 1e12) ? null : `a contract of the size ${size}`;
}
