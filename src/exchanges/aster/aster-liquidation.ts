import { forceOrderLiquidation, readForceOrder } from "../decoding/force-order.ts";
import { type JsonObject, isObject } from "../decoding/json.ts";
import { inScope } from "../decoding/scope.ts";
import type { FeedMessage, Instrument, Scope } from "../exchange.ts";

export const ASTER_ADAPTER_VERSION = 1;

const VENUE = { name: "aster", coverage: "sampled", adapterVersion: ASTER_ADAPTER_VERSION } as const;

/** @param seen scope of one frame; null for a frame with a single order */
export function readAsterLiquidation(
  payload: JsonObject,
  text: string,
  scope: Scope,
  instrumentOf: (name: string) => Instrument,
  seen: Map<string, number> | null,
): FeedMessage {
  const order = readForceOrder(isObject(payload.o) ? payload.o : {});
  if (order === null) return { kind: "reject", reason: "malformed liquidation", text };
  const instrument = instrumentOf(order.name);
  if (!inScope(scope, instrument.symbol)) return { kind: "skipped", reason: "symbol not in scope" };
  return { kind: "liquidation", liquidation: forceOrderLiquidation(order, instrument, VENUE, seen) };
}
