import type { Backfill, FeedMessage } from "../exchange.ts";
import { isObject, shown } from "../decoding/json.ts";
import { readTime } from "../decoding/time.ts";
import { instrumentLookup, watchedInstruments } from "../decoding/scope.ts";
import { htxInstrumentNamed } from "./htx-instruments.ts";
import { readHtxRows } from "./htx-liquidations.ts";

/**
 * Past liquidations over REST, one request per contract. https://www.htx.com/en-us/opend/newApiPages/ (swap_liquidation_orders,
 * version 3)
 */
export const htxBackfill: Backfill = {
  reachMs: 23 * 3600 * 1000,
  requestIntervalMs: 250,

  /** `trade_type` 0 is both sides. */
  requests(scope, { rest }, from, to) {
    const route = `${rest}/linear-swap-api/v3/swap_liquidation_orders`;
    return watchedInstruments(scope).map(
      ({ instrument }) => `${route}?contract=${encodeURIComponent(instrument)}&trade_type=0&start_time=${from}&end_time=${to}`,
    );
  },

  read(body, scope): readonly FeedMessage[] {
    const rows = rowsOf(body);
    if (rows === null) return [{ kind: "error", message: `HTX swap_liquidation_orders: ${shown(body)}` }];
    return readHtxRows(rows, "a row of HTX swap_liquidation_orders", scope, instrumentLookup(scope, htxInstrumentNamed));
  },

  /** The rows before the oldest so far, its own millisecond included: a page may end within it, and repeated rows have the same id. */
  next(url, body, from) {
    const times = (rowsOf(body) ?? []).map((row) => (isObject(row) ? readTime(row.created_at) : null)).filter((time) => time !== null);
    const page = new URL(url);
    const end = readTime(page.searchParams.get("end_time"));
    if (times.length === 0 || end === null) return null;
    const oldest = times.reduce((least, time) => Math.min(least, time));
    if (oldest <= from || oldest >= end) return null;
    page.searchParams.set("end_time", String(oldest));
    return page.href;
  },
};

function rowsOf(body: unknown): readonly unknown[] | null {
  return isObject(body) && body.code === 200 && Array.isArray(body.data) ? body.data : null;
}
