import type { VenueLiquidation } from "../../liquidation.ts";
import { distinctInFrame, eventId } from "../decoding/event-id.ts";
import type { Instrument, FeedMessage, Scope } from "../exchange.ts";
import { type JsonObject, isObject, shown } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { readTime } from "../decoding/time.ts";
import { SWAP_NAME } from "./okx-instruments.ts";
import { inScope } from "../decoding/scope.ts";
import { valuate } from "../decoding/valuation.ts";
import { venueLiquidation } from "../decoding/venue-liquidation.ts";

export const OKX_ADAPTER_VERSION = 2;

/**
 * Reads the `data` of a `liquidation-orders` frame or of the REST endpoint of that name: instruments, each with details
 * of its liquidations. The rows of both are the same, so their ids are too.
 */
export function readOkxLiquidations(
  data: unknown,
  text: string,
  scope: Scope,
  instrumentOf: (name: string) => Instrument,
): readonly FeedMessage[] {
  if (!Array.isArray(data)) return [{ kind: "reject", reason: "liquidations are not a list", text }];
  const messages: FeedMessage[] = [];
  const seen = data.length === 1 && hasOneDetail(data[0]) ? null : new Map<string, number>();
  for (const group of data) {
    if (!isObject(group) || typeof group.instId !== "string" || !Array.isArray(group.details)) {
      messages.push({ kind: "reject", reason: "malformed liquidations", text });
      continue;
    }
    const instrument = SWAP_NAME.test(group.instId) ? instrumentOf(group.instId) : null;
    for (const detail of group.details) messages.push(readDetail(detail, text, scope, instrument, seen));
  }
  return messages;
}

/**
 * The `data` of a frame with one liquidation in the spelling of every capture since 2023, faster than parsing it; null
 * for every other frame. The fields are those of the parser.
 */
export function usualOkxLiquidation(text: string): readonly JsonObject[] | null {
  const match = USUAL_FRAME.exec(text);
  if (match === null) return null;
  const [, bkLoss, bkPx, posSide, side, sz, ts, instId] = match;
  return [{ instId, details: [{ bkLoss, bkPx, posSide, side, sz, ts }] }];
}

const USUAL_FRAME = new RegExp(
  String.raw`^\{"arg":\{"channel":"liquidation-orders","instType":"SWAP"\},"data":\[\{"details":\[\{"bkLoss":"([\d.-]+)",` +
    String.raw`"bkPx":"([\d.]+)","ccy":"\w*","posSide":"(\w+)","side":"(\w+)","sz":"([\d.]+)","ts":"(\d+)"\}\],` +
    String.raw`"instFamily":"[\w-]+","instId":"([\w-]+)","instType":"SWAP","uly":"[\w-]+"\}\]\}$`,
);

function hasOneDetail(group: unknown): boolean {
  return isObject(group) && Array.isArray(group.details) && group.details.length === 1;
}

function readDetail(
  detail: unknown,
  text: string,
  scope: Scope,
  instrument: Instrument | null,
  seen: Map<string, number> | null,
): FeedMessage {
  const row = isObject(detail) ? detail : {};
  const long = isLong(row);
  const eventTime = readTime(row.ts);
  const contracts = readNumber(row.sz);
  if (long === null || eventTime === null || contracts === null || contracts < 0) {
    return { kind: "reject", reason: "malformed liquidation", text };
  }
  if (instrument === null) return { kind: "skipped", reason: "not a plain swap" };
  if (!inScope(scope, instrument.symbol)) return { kind: "skipped", reason: "symbol not in scope" };
  const price = readPositive(row.bkPx);
  const side = `${shown(row.posSide)}-${shown(row.side)}`;
  const id = distinctInFrame(eventId("okx", instrument.instrument, eventTime, side, contracts, price), seen);
  return { kind: "liquidation", liquidation: liquidationOf(instrument, id, long, eventTime, contracts, price, readNumber(row.bkLoss)) };
}

/** `posSide` is the side of the position; for a net position the side of the order decides: a sell closes a long. */
function isLong({ posSide, side }: JsonObject): boolean | null {
  if (posSide === "long") return true;
  if (posSide === "short") return false;
  if (posSide !== "net") return null;
  return side === "sell" ? true : side === "buy" ? false : null;
}

function liquidationOf(
  instrument: Instrument,
  id: string,
  long: boolean,
  eventTime: number,
  contracts: number,
  venuePrice: number | null,
  bankruptcyLoss: number | null,
): VenueLiquidation {
  const { price, quantity, usd_value } = valuate(instrument, contracts, venuePrice);
  return venueLiquidation(instrument, long ? "long" : "short", {
    event_id: id,
    exchange: "okx",
    event_time: eventTime,
    price,
    price_kind: "liquidation_mark",
    quantity,
    contracts,
    usd_value,
    bankruptcy_loss: bankruptcyLoss,
    coverage: "sampled",
    adapter_version: OKX_ADAPTER_VERSION,
  });
}
