import type { VenueLiquidation } from "../../liquidation.ts";
import { eventId, withOrdinal } from "../decoding/event-id.ts";
import type { FeedMessage, Instrument, Scope } from "../exchange.ts";
import { type JsonObject, isObject } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { readTime } from "../decoding/time.ts";
import { inScope } from "../decoding/scope.ts";
import { basePrice, valuate } from "../decoding/valuation.ts";
import { venueLiquidation } from "../decoding/venue-liquidation.ts";
import type { TwinOrders } from "./twin-orders.ts";

export const GATE_ADAPTER_VERSION = 1;

/** What socket and REST say of one liquidation order, in contracts. */
interface Order {
  readonly contract: string;
  readonly time: number;
  /** Negative where it sells. */
  readonly size: number;
  /** The part of it that closed the position. */
  readonly closed: number;
  readonly orderPrice: number | null;
  /** Only REST knows it. */
  readonly fillPrice: number | null;
}

interface Context {
  readonly text: string;
  readonly scope: Scope;
  readonly instrumentOf: (name: string) => Instrument;
}

/**
 * The `result` of a `futures.public_liquidates` frame. `size` is the ORDER: a negative one sells, so a long was closed.
 * It is a text with decimals, as the address asks for; integers of a server that ignores that are read too.
 */
export function readStreamOrders(result: unknown, context: Context, twins: TwinOrders): readonly FeedMessage[] {
  const rows: readonly unknown[] = Array.isArray(result) ? result : [result];
  const frame = twins.frame();
  return rows.map((row) => {
    const order = isObject(row) ? streamOrder(row) : null;
    if (order === null) return { kind: "reject", reason: "malformed liquidation", text: context.text };
    return messageOf(order, context, frame.ordinal(baseId(order), `${order.time}:${order.orderPrice ?? ""}`));
  });
}

function streamOrder(row: JsonObject): Order | null {
  const order = orderOf(row, readNumber(row.size), readPositive(row.price), null);
  return order === null ? null : { ...order, closed: Math.abs(order.size) };
}

/**
 * Rows of `liq_orders`. There `size` is the POSITION, which a liquidation in steps repeats whole at each step, and
 * `order_size` the order; what an order closed is what is not left of it.
 */
export function readRestOrders(rows: readonly unknown[], context: Context): readonly FeedMessage[] {
  const seen = new Map<string, number>();
  return rows.map((row) => {
    const order = isObject(row) ? restOrder(row) : null;
    if (order === null) return { kind: "reject", reason: "malformed liquidation", text: JSON.stringify(row) };
    const id = baseId(order);
    const ordinal = seen.get(id) ?? 0;
    seen.set(id, ordinal + 1);
    return messageOf(order, context, ordinal);
  });
}

function restOrder(row: JsonObject): Order | null {
  const order = orderOf(row, readNumber(row.order_size), readPositive(row.order_price), readPositive(row.fill_price));
  const left = readNumber(row.left) ?? 0;
  return order === null ? null : { ...order, closed: Math.abs(order.size) - Math.abs(left) };
}

function orderOf(
  { contract, time: given }: JsonObject,
  size: number | null,
  orderPrice: number | null,
  fillPrice: number | null,
): Omit<Order, "closed"> | null {
  const time = readTime(given);
  if (typeof contract !== "string" || contract === "" || time === null || size === null || size === 0) return null;
  return { contract, time, size, orderPrice, fillPrice };
}

/**
 * What socket and REST have in common: they differ in the price and in the resolution of the time. Orders of a contract
 * that are equal in it are numbered.
 */
function baseId({ contract, time, size }: Order): string {
  return eventId("gate", contract, Math.floor(time / 1000) * 1000, size < 0 ? "sell" : "buy", Math.abs(size), null);
}

function messageOf(order: Order, { scope, instrumentOf }: Context, ordinal: number): FeedMessage {
  const instrument = instrumentOf(order.contract);
  if (!inScope(scope, instrument.symbol)) return { kind: "skipped", reason: "symbol not in scope" };
  if (order.closed <= 0) return { kind: "skipped", reason: "order without a fill" };
  return { kind: "liquidation", liquidation: liquidationOf(order, instrument, withOrdinal(baseId(order), ordinal)) };
}

function liquidationOf({ time, size, closed, orderPrice, fillPrice }: Order, instrument: Instrument, id: string): VenueLiquidation {
  const { price, quantity, usd_value } = valuate(instrument, closed, fillPrice ?? orderPrice);
  return venueLiquidation(instrument, size < 0 ? "long" : "short", {
    event_id: id,
    exchange: "gate",
    event_time: time,
    price,
    price_kind: fillPrice === null ? "order" : "average_fill",
    quantity,
    contracts: closed,
    usd_value,
    average_price: basePrice(instrument, fillPrice),
    limit_price: fillPrice === null ? null : basePrice(instrument, orderPrice),
    coverage: "all_reported",
    adapter_version: GATE_ADAPTER_VERSION,
  });
}
