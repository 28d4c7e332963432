import type { VenueLiquidation } from "../../liquidation.ts";
import { distinctInFrame } from "../decoding/event-id.ts";
import { type JsonObject, isObject } from "../decoding/json.ts";
import { readNumber, readPositive } from "../decoding/number.ts";
import { inScope } from "../decoding/scope.ts";
import { valuate } from "../decoding/valuation.ts";
import { venueLiquidation } from "../decoding/venue-liquidation.ts";
import type { FeedMessage, Instrument, Scope } from "../exchange.ts";

export const BITMEX_ADAPTER_VERSION = 1;

interface Order {
  readonly instrument: Instrument;
  readonly isSell: boolean;
  price: number | null;
  /** Contracts that are still to be filled. */
  leaves: number;
  /** The ids of its rises, to tell apart those between the same sizes. */
  readonly rises: Map<string, number>;
}

/** More are open only if the venue never deletes any. */
const MAX_ORDERS = 10_000;

/**
 * The open liquidation orders of a session. An order is inserted with its size, and an update lowers what is left of it (a
 * fill) or raises it (another position was merged into it). So the liquidations are the insert and every rise.
 *
 * Rows have no time: that of an event is its receipt.
 */
export class BitmexOrders {
  readonly #scope: Scope;
  readonly #instrumentOf: (name: string) => Instrument;
  readonly #orders = new Map<string, Order>();

  constructor(scope: Scope, instrumentOf: (name: string) => Instrument) {
    this.#scope = scope;
    this.#instrumentOf = instrumentOf;
  }

  read(action: unknown, rows: unknown, receivedTime: number, text: string): readonly FeedMessage[] {
    if (!Array.isArray(rows)) return [{ kind: "reject", reason: "liquidations are not a list", text }];
    if (action === "partial") this.#orders.clear();
    return rows.flatMap((row: unknown): readonly FeedMessage[] => {
      const fields = isObject(row) ? row : {};
      if (typeof fields.orderID !== "string" || typeof fields.symbol !== "string") return [malformed(text)];
      switch (action) {
        case "partial":
        case "insert":
          return this.#insert(fields.orderID, fields.symbol, fields, receivedTime, text);
        case "update":
          return this.#update(fields.orderID, fields, receivedTime, text);
        case "delete":
          this.#orders.delete(fields.orderID);
          return [];
        default:
          return [malformed(text)];
      }
    });
  }

  /** `side` is that of the order: a sell liquidates a long. */
  #insert(orderId: string, name: string, row: JsonObject, receivedTime: number, text: string): readonly FeedMessage[] {
    const leaves = readNumber(row.leavesQty);
    const { side } = row;
    if (leaves === null || leaves < 0 || (side !== "Buy" && side !== "Sell") || name === "" || orderId === "") return [malformed(text)];
    const instrument = this.#instrumentOf(name);
    const order: Order = { instrument, isSell: side === "Sell", price: readPositive(row.price), leaves, rises: new Map() };
    if (this.#orders.size < MAX_ORDERS) this.#orders.set(orderId, order);
    return this.#event(order, orderIdOf(order, orderId), orderIdOf(order, orderId), leaves, receivedTime, text);
  }

  /** An update has the changed fields only. */
  #update(orderId: string, row: JsonObject, receivedTime: number, text: string): readonly FeedMessage[] {
    const order = this.#orders.get(orderId);
    if (order === undefined) return [{ kind: "reject", reason: "update of an unknown order", text }];
    order.price = readPositive(row.price) ?? order.price;
    const leaves = row.leavesQty === undefined ? order.leaves : readNumber(row.leavesQty);
    if (leaves === null || leaves < 0) return [malformed(text)];
    const before = order.leaves;
    order.leaves = leaves;
    const prefix = orderIdOf(order, orderId);
    if (leaves > before) {
      const id = distinctInFrame(`${prefix}:${before}:${leaves}`, order.rises);
      return this.#event(order, id, prefix, leaves - before, receivedTime, text);
    }
    return inScope(this.#scope, order.instrument.symbol) ? [detail(prefix, receivedTime, text)] : [];
  }

  /** The row is kept as detail too: a later one says only what changed. */
  #event(order: Order, id: string, prefix: string, contracts: number, receivedTime: number, text: string): readonly FeedMessage[] {
    if (!inScope(this.#scope, order.instrument.symbol)) return [{ kind: "skipped", reason: "symbol not in scope" }];
    return [{ kind: "liquidation", liquidation: liquidationOf(order, id, contracts, receivedTime) }, detail(prefix, receivedTime, text)];
  }
}

function malformed(text: string): FeedMessage {
  return { kind: "reject", reason: "malformed liquidation", text };
}

function detail(eventIdPrefix: string, time: number, text: string): FeedMessage {
  return { kind: "execution", eventIdPrefix, time, text };
}

function orderIdOf({ instrument }: Order, orderId: string): string {
  return `bitmex:${instrument.instrument}:${orderId}`;
}

function liquidationOf({ instrument, isSell, price: limit }: Order, id: string, contracts: number, receivedTime: number): VenueLiquidation {
  const { price, quantity, usd_value } = valuate(instrument, contracts, limit);
  return venueLiquidation(instrument, isSell ? "long" : "short", {
    event_id: id,
    exchange: "bitmex",
    event_time: receivedTime,
    time_kind: "receipt",
    price,
    price_kind: "order",
    quantity,
    contracts,
    usd_value,
    limit_price: price,
    coverage: "all_reported",
    adapter_version: BITMEX_ADAPTER_VERSION,
  });
}
