import type { Coverage, ExchangeName, VenueLiquidation } from "../../liquidation.ts";
import type { Instrument } from "../exchange.ts";
import { distinctInFrame, eventId } from "./event-id.ts";
import type { JsonObject } from "./json.ts";
import { readNumber, readPositive } from "./number.ts";
import { readTime } from "./time.ts";
import { basePrice, baseQuantity, valuate } from "./valuation.ts";
import { venueLiquidation } from "./venue-liquidation.ts";

/** A forced order as `forceOrder` streams carry it, on Binance and on venues that took over its protocol. */
export interface ForceOrder {
  readonly name: string;
  readonly side: "BUY" | "SELL";
  readonly eventTime: number;
  readonly size: number;
  readonly fill: number | null;
  readonly order: JsonObject;
}

/**
 * `p` is the limit of the IOC order and worse than the fill, and `l` only its last part, so price and size are `ap` and
 * `z`. An order with a status other than FILLED is still a forced order and is kept.
 * @returns null for a malformed order
 */
export function readForceOrder(order: JsonObject): ForceOrder | null {
  const { s: name, S: side } = order;
  const eventTime = readTime(order.T);
  const size = readNumber(order.z) ?? readNumber(order.q);
  if (typeof name !== "string" || name === "" || (side !== "SELL" && side !== "BUY") || eventTime === null || size === null || size < 0) {
    return null;
  }
  return { name, side, eventTime, size, fill: readPositive(order.ap), order };
}

interface Venue {
  readonly name: ExchangeName;
  readonly coverage: Coverage;
  readonly adapterVersion: number;
}

/**
 * The liquidation that a forced order is: a sell liquidates a long.
 * @param seen scope of one frame; null for a frame with a single order
 */
export function forceOrderLiquidation(
  { name, side, eventTime, size, fill, order }: ForceOrder,
  instrument: Instrument,
  venue: Venue,
  seen: Map<string, number> | null,
): VenueLiquidation {
  const { price, quantity, usd_value } = valuate(instrument, size, fill);
  return venueLiquidation(instrument, side === "SELL" ? "long" : "short", {
    event_id: distinctInFrame(eventId(venue.name, name, eventTime, side, size, fill), seen),
    exchange: venue.name,
    event_time: eventTime,
    price,
    price_kind: "average_fill",
    quantity,
    contracts: instrument.contract.kind === "inverse" ? size : null,
    usd_value,
    order_type: readText(order.o),
    time_in_force: readText(order.f),
    order_status: readText(order.X),
    average_price: price,
    limit_price: basePrice(instrument, readNumber(order.p)),
    last_filled_quantity: baseQuantity(instrument, readNumber(order.l), fill),
    coverage: venue.coverage,
    adapter_version: venue.adapterVersion,
  });
}

function readText(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
