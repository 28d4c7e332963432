import { distinctInFrame, eventId } from "../decoding/event-id.ts";
import type { FeedMessage, Instrument, Scope } from "../exchange.ts";
import { isObject } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { readTime } from "../decoding/time.ts";
import { inScope } from "../decoding/scope.ts";
import { valuate } from "../decoding/valuation.ts";
import { venueLiquidation } from "../decoding/venue-liquidation.ts";
import { SWAP_NAME } from "./htx-instruments.ts";

export const HTX_ADAPTER_VERSION = 1;

const COINS = { kind: "base", size: 1 } as const;

/**
 * Rows of a `liquidation_orders` frame or of the REST route of that name, which have the same fields. `direction` is the ORDER:
 * one that buys closed a short. `volume` counts contracts and `amount` coins; numbers may come quoted.
 */
export function readHtxRows(
  rows: readonly unknown[],
  text: string,
  scope: Scope,
  instrumentOf: (name: string) => Instrument,
): readonly FeedMessage[] {
  const seen = rows.length === 1 ? null : new Map<string, number>();
  return rows.map((row) => readRow(row, text, scope, instrumentOf, seen));
}

function readRow(
  row: unknown,
  text: string,
  scope: Scope,
  instrumentOf: (name: string) => Instrument,
  seen: Map<string, number> | null,
): FeedMessage {
  const fields = isObject(row) ? row : {};
  const { contract_code: name, direction, offset } = fields;
  const time = readTime(fields.created_at);
  const contracts = readNumber(fields.volume);
  const isOrder = (direction === "buy" || direction === "sell") && offset !== "open";
  if (typeof name !== "string" || name === "" || !isOrder || time === null || contracts === null || contracts < 0) {
    return { kind: "reject", reason: "malformed liquidation", text };
  }
  if (!SWAP_NAME.test(name)) return { kind: "skipped", reason: "not a swap in USDT" };
  const instrument = instrumentOf(name);
  if (!inScope(scope, instrument.symbol)) return { kind: "skipped", reason: "symbol not in scope" };
  const venuePrice = readPositive(fields.price);
  const coins = readPositive(fields.amount);
  // Coins as the venue gives them, which needs no table.
  const { price, quantity, usd_value } =
    coins === null ? valuate(instrument, contracts, venuePrice) : valuate({ ...instrument, contract: COINS }, coins, venuePrice);
  return {
    kind: "liquidation",
    liquidation: venueLiquidation(instrument, direction === "sell" ? "long" : "short", {
      event_id: distinctInFrame(eventId("htx", name, time, direction, contracts, venuePrice), seen),
      exchange: "htx",
      event_time: time,
      price,
      price_kind: "order",
      quantity,
      contracts,
      usd_value,
      coverage: "unknown",
      adapter_version: HTX_ADAPTER_VERSION,
    }),
  };
}
