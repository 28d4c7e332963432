import type { VenueLiquidation } from "../../liquidation.ts";
import { type JsonObject, isObject } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { inScope } from "../decoding/scope.ts";
import { readTime } from "../decoding/time.ts";
import { basePrice, baseQuantity, valuate } from "../decoding/valuation.ts";
import { venueLiquidation } from "../decoding/venue-liquidation.ts";
import type { FeedMessage, Instrument, Scope } from "../exchange.ts";

export const LIGHTER_ADAPTER_VERSION = 1;

/**
 * Reads `liquidation_trades` of a frame of a trade channel; a frame may have none. The first frame of a subscription repeats
 * old ones, whose ids are known.
 */
export function readLighterTrades(
  rows: unknown,
  text: string,
  scope: Scope,
  marketNumbered: (market: unknown) => Instrument | undefined,
): readonly FeedMessage[] {
  if (rows === undefined || rows === null) return [];
  if (!Array.isArray(rows)) return [{ kind: "reject", reason: "liquidations are not a list", text }];
  return rows.map((row: unknown) => readTrade(isObject(row) ? row : {}, text, scope, marketNumbered));
}

/** Beside liquidations there are other forced trades in the list, such as those of auto-deleveraging. */
function readTrade(row: JsonObject, text: string, scope: Scope, marketNumbered: (market: unknown) => Instrument | undefined): FeedMessage {
  if (typeof row.type === "string" && row.type !== "liquidation") return { kind: "skipped", reason: "not a liquidation" };
  const id = tradeId(row);
  const eventTime = readTime(row.timestamp);
  const size = readNumber(row.size);
  const { is_maker_ask: isMakerAsk } = row;
  if (row.type !== "liquidation" || id === null || eventTime === null || size === null || size < 0 || typeof isMakerAsk !== "boolean") {
    return { kind: "reject", reason: "malformed liquidation", text };
  }
  const instrument = marketNumbered(row.market_id);
  if (instrument === undefined) return { kind: "reject", reason: "liquidation of an unknown market", text };
  if (!inScope(scope, instrument.symbol)) return { kind: "skipped", reason: "symbol not in scope" };
  return { kind: "liquidation", liquidation: liquidationOf(row, instrument, id, isMakerAsk, eventTime, size) };
}

/** The text is exact where the number is beyond 2^53; older frames have the number only. */
function tradeId(row: JsonObject): string | null {
  if (typeof row.trade_id_str === "string" && /^\d+$/.test(row.trade_id_str)) return row.trade_id_str;
  return typeof row.trade_id === "number" && Number.isSafeInteger(row.trade_id) && row.trade_id >= 0 ? String(row.trade_id) : null;
}

/** The liquidated account is the taker: where the maker asked, it bought back a short. */
function liquidationOf(
  row: JsonObject,
  instrument: Instrument,
  id: string,
  isMakerAsk: boolean,
  eventTime: number,
  size: number,
): VenueLiquidation {
  const { price, quantity, usd_value } = valuate(instrument, size, readPositive(row.price));
  return venueLiquidation(instrument, isMakerAsk ? "short" : "long", {
    event_id: `lighter:${instrument.instrument}:${id}`,
    exchange: "lighter",
    event_time: eventTime,
    price,
    price_kind: "fill",
    quantity,
    usd_value,
    ...positionOf(row, instrument),
    coverage: "all_reported",
    adapter_version: LIGHTER_ADAPTER_VERSION,
  });
}

/** A fraction of 200 is an initial margin of 2 %, which is a leverage of 50. */
const WHOLE_FRACTION = 10_000;

/** The account before the trade: its position is negative where it is short, and the quote is what the position cost. */
function positionOf(
  row: JsonObject,
  instrument: Instrument,
): Pick<VenueLiquidation, "venue_entry_price" | "venue_leverage" | "venue_position_quantity"> {
  const position = readNumber(row.taker_position_size_before);
  const cost = readPositive(row.taker_entry_quote_before);
  const fraction = readPositive(row.taker_initial_margin_fraction_before);
  const held = position === null || position === 0 ? null : Math.abs(position);
  return {
    venue_entry_price: held === null || cost === null ? null : basePrice(instrument, cost / held),
    venue_leverage: fraction === null ? null : WHOLE_FRACTION / fraction,
    venue_position_quantity: baseQuantity(instrument, held, null),
  };
}
