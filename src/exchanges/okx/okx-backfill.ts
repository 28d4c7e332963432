import type { Backfill, FeedMessage } from "../exchange.ts";
import { isObject, shown } from "../decoding/json.ts";
import { readPositive } from "../decoding/number.ts";
import { okxInstrumentNamed } from "./okx-instruments.ts";
import { readOkxLiquidations } from "./okx-liquidations.ts";
import { instrumentLookup, watchedInstruments } from "../decoding/scope.ts";

/**
 * Past liquidations over REST, one request per underlying. The endpoint is no longer documented, but still worked in
 * September 2026 and reached back about 23.5 h, so it fills gaps as far as possible.
 */
export const okxBackfill: Backfill = {
  reachMs: 23 * 3600 * 1000,
  requestIntervalMs: 500,

  /** `after` requests older rows. */
  requests(scope, endpoints, _from, to) {
    const underlyings = new Set(watchedInstruments(scope).map(({ instrument }) => instrument.replace(/-SWAP$/, "")));
    const route = `${endpoints.rest}/api/v5/public/liquidation-orders`;
    return [...underlyings].map((uly) => `${route}?instType=SWAP&uly=${uly}&state=filled&after=${to + 1}`);
  },

  read(body, scope): readonly FeedMessage[] {
    if (!isObject(body) || body.code !== "0") return [{ kind: "error", message: `OKX liquidation-orders: ${shown(body)}` }];
    return readOkxLiquidations(body.data, "a row of OKX liquidation-orders", scope, instrumentLookup(scope, okxInstrumentNamed));
  },

  /**
   * The next page begins one millisecond above the oldest row so far, because a page may end between rows of the same
   * time; repeated rows have the same id.
   */
  next(url, body, from) {
    const oldest = oldestTime(body);
    const page = new URL(url);
    const after = readPositive(page.searchParams.get("after")) ?? Number.POSITIVE_INFINITY;
    if (oldest === null || oldest <= from || oldest >= after) return null;
    page.searchParams.set("after", String(oldest + 1 < after ? oldest + 1 : oldest));
    return page.href;
  },
};

function oldestTime(body: unknown): number | null {
  const groups: readonly unknown[] = isObject(body) && Array.isArray(body.data) ? body.data : [];
  const details = groups.flatMap((group): readonly unknown[] => (isObject(group) && Array.isArray(group.details) ? group.details : []));
  const times = details.map((detail) => (isObject(detail) ? readPositive(detail.ts) : null)).filter((time) => time !== null);
  return times.length === 0 ? null : times.reduce((least, time) => Math.min(least, time));
}
