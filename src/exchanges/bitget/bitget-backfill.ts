import type { Backfill, FeedMessage } from "../exchange.ts";
import { isObject, shown } from "../decoding/json.ts";
import { instrumentLookup, watchedInstruments } from "../decoding/scope.ts";
import { readTime } from "../decoding/time.ts";
import { bitgetInstrumentNamed, categoryOf } from "./bitget-instruments.ts";
import { amountUnit, readBitgetRows } from "./bitget-liquidations.ts";

/** Past liquidations over REST since 2026-06-25, one request per contract, in pages of 100. */
export const bitgetBackfill: Backfill = {
  // It goes back three days; known events are remembered for one.
  reachMs: 23 * 3600 * 1000,
  // The venue allows five requests a second.
  requestIntervalMs: 250,

  requests(scope, { rest }) {
    const route = `${rest}/api/v3/market/liquidations`;
    return watchedInstruments(scope).map(
      (one) => `${route}?category=${categoryOf(one)}&symbol=${encodeURIComponent(one.instrument)}&limit=100`,
    );
  },

  read(body, scope): readonly FeedMessage[] {
    const rows = rowsOf(body);
    if (rows === null) return [{ kind: "error", message: `Bitget liquidations: ${shown(body)}` }];
    return readBitgetRows(rows, {
      scope,
      instrumentOf: instrumentLookup(scope, bitgetInstrumentNamed),
      unit: amountUnit(rows),
      text: null,
    });
  },

  /** The page after a cursor, unless this one reaches back far enough or repeats the cursor. */
  next(url, body, from) {
    const rows = rowsOf(body) ?? [];
    const cursor = isObject(body) && isObject(body.data) ? body.data.cursor : null;
    const times = rows.map((row) => (isObject(row) ? readTime(row.ts) : null)).filter((time) => time !== null);
    const page = new URL(url);
    const isLast = typeof cursor !== "string" || cursor === "" || page.searchParams.get("cursor") === cursor;
    if (isLast || times.length === 0 || times.some((time) => time <= from)) return null;
    page.searchParams.set("cursor", cursor);
    return page.href;
  },
};

function rowsOf(body: unknown): readonly unknown[] | null {
  if (!isObject(body) || body.code !== "00000" || !isObject(body.data)) return null;
  return Array.isArray(body.data.list) ? body.data.list : [];
}
