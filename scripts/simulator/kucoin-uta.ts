import type { Asset } from "./assets.ts";
import { ASSETS, onGrid } from "./assets.ts";
import type { Frame } from "./connection.ts";
import { binaryFrame } from "./connection.ts";
import { lotsOf, symbolOf } from "./kucoin-frames.ts";
import type { Quote } from "./market.ts";
import type { BookSides, Level } from "./order-book.ts";

/** The UTA socket: JSON as UTF-8 in binary frames, answers and data alike. */

const FUNDING_PERIOD_MS = 28_800_000;
/** `P` is the push time in nanoseconds: a JSON number beyond 2^53. */
const pushed = (now: number): string => `${now}102278`;

export const welcome = (sessionId: string, pingInterval: number): Frame =>
  binaryFrame(JSON.stringify({ sessionId, message: "welcome", pingInterval }));
export const acceptance = (id: string): Frame => binaryFrame(JSON.stringify({ id, result: true }));
export const refusal = (id: string): Frame => binaryFrame(JSON.stringify({ id, result: false, message: "invalid request data" }));
export const pong = (id: string, now: number): Frame => binaryFrame(`{"type":"pong","id":${JSON.stringify(id)},"timestamp":${now}396000}`);

/** `mark-price:XBTUSDTM`, `obu.5:XBTUSDTM`; null where the request is not one. */
export function topicOf(request: Readonly<Record<string, unknown>>): string | null {
  const { action, channel, tradeType, symbol, depth } = request;
  if ((action !== "SUBSCRIBE" && action !== "UNSUBSCRIBE") || tradeType !== "FUTURES") return null;
  if (!ASSETS.some((asset) => symbolOf(asset) === symbol)) return null;
  if (channel === "obu") return depth === "5" || depth === "50" ? `obu.${depth}:${String(symbol)}` : null;
  return channel === "mark-price" || channel === "funding-fee" ? `${channel}:${String(symbol)}` : null;
}

export function markPrice(asset: Asset, quote: Quote, now: number): Frame {
  const mp = onGrid(quote.mark, asset.tick);
  const ip = onGrid(quote.index, asset.tick);
  return message(`"T":"mark-price"`, { s: symbolOf(asset), mp, ip, oi: String(lotsOf(asset, quote.openInterest)), ts: now }, now);
}

export function fundingFee(asset: Asset, quote: Quote, now: number): Frame {
  const fr = quote.fundingRate.toFixed(6);
  const times = { ft: quote.nextFundingTime - FUNDING_PERIOD_MS, nt: quote.nextFundingTime, gl: FUNDING_PERIOD_MS };
  return message(`"T":"funding-fee"`, { s: symbolOf(asset), fr, lfr: fr, ...times, fc: "0.003", ff: "-0.003" }, now);
}

export function orderBook(asset: Asset, depth: 5 | 50, sides: BookSides, sequence: number, now: number): Frame {
  const rows = (side: readonly Level[]) => side.map(([price, size]) => [onGrid(price, asset.tick), String(lotsOf(asset, size))]);
  const data = { a: rows(sides.asks), b: rows(sides.bids), s: symbolOf(asset), C: sequence, O: sequence };
  return message(`"T":"obu.FUTURES", "dp":"${depth}", "t":"snapshot"`, data, now);
}

function message(head: string, data: object, now: number): Frame {
  return binaryFrame(`{${head}, "P":${pushed(now)}, "d":${JSON.stringify(data)}}`);
}
