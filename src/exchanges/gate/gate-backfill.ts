import type { Backfill, FeedMessage } from "../exchange.ts";
import { isObject, shown } from "../decoding/json.ts";
import { readPositive } from "../decoding/number.ts";
import { instrumentLookup } from "../decoding/scope.ts";
import { gateInstrumentNamed } from "./gate-instruments.ts";
import { readRestOrders } from "./gate-liquidations.ts";

const MAX_ROWS = 1000;

/**
 * Past liquidations over REST: without a contract those of the whole market, so one request takes the place of many.
 * https://www.gate.com/docs/developers/apiv4/en/#query-liquidation-order-history
 */
export const gateBackfill: Backfill = {
  // How far it goes is not documented; known events are remembered for a day.
  reachMs: 23 * 3600 * 1000,
  // The venue allows 200 requests in 10 s.
  requestIntervalMs: 200,

  /** `from` and `to` are seconds and included. */
  requests(_scope, { rest }, from, to) {
    const range = `from=${Math.floor(from / 1000)}&to=${Math.floor(to / 1000)}`;
    return [`${rest}/api/v4/futures/usdt/liq_orders?${range}&limit=${MAX_ROWS}`];
  },

  read(body, scope): readonly FeedMessage[] {
    if (!Array.isArray(body)) return [{ kind: "error", message: `Gate liq_orders: ${shown(body)}` }];
    const instrumentOf = instrumentLookup(scope, gateInstrumentNamed);
    return readRestOrders(body, { text: "a row of Gate liq_orders", scope, instrumentOf });
  },

  /**
   * The next page of a full one. It begins with the second that the last one ended in, as that may go on; rows that come twice
   * have the same id. Whether rows come newest first is not documented, so both orders are read.
   */
  next(url, body) {
    if (!Array.isArray(body) || body.length < MAX_ROWS) return null;
    const first = secondOf(body[0]);
    const last = secondOf(body.at(-1));
    if (first === null || last === null || first === last) return null;
    const page = new URL(url);
    page.searchParams.set(first > last ? "to" : "from", String(last));
    return page.href;
  },
};

function secondOf(row: unknown): number | null {
  const time = isObject(row) ? readPositive(row.time) : null;
  return time === null ? null : Math.floor(time);
}
