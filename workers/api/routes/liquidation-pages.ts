import type { Config } from "../../../src/config.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import type { TimeRange } from "../../../src/windows/range-parts.ts";
import { type LiquidationPage, type LiquidationPlace, liquidationPage } from "../../d1/liquidation-reads.ts";
import type { ScannedRows } from "../../d1/scan-page.ts";
import { readLiquidations } from "../../supabase/read-liquidations.ts";

type Store = (page: LiquidationPage) => Promise<ScannedRows<Liquidation>>;

/**
 * Reads one page of a list over both stores. Events before the border come from the archive and the others from D1, so
 * that an event held by both appears once. A store that the page does not reach is not queried, and none after D1 where that
 * stopped reading before its part was searched.
 */
export async function readLiquidationPage(
  db: D1Database,
  config: Config,
  page: LiquidationPage,
  border: number,
): Promise<ScannedRows<Liquidation>> {
  const { range, order, after, limit } = page;
  const ascending: readonly (readonly [TimeRange, Store])[] = [
    [{ start: range.start, end: Math.min(border, range.end) }, (part) => fromSupabase(config, part)],
    [{ start: Math.max(border, range.start), end: range.end }, (part) => liquidationPage(db, part)],
  ];
  const rows: Liquidation[] = [];
  for (const [part, read] of order === "asc" ? ascending : ascending.toReversed()) {
    if (rows.length === limit || part.start >= part.end || isPast(part, after, order)) continue;
    const place = after !== null && after.time >= part.start && after.time < part.end ? after : null;
    const found = await read({ ...page, range: part, after: place, limit: limit - rows.length });
    rows.push(...found.rows);
    if (found.stoppedAt !== null) return { rows, stoppedAt: found.stoppedAt };
  }
  return { rows, stoppedAt: null };
}

function isPast(part: TimeRange, after: LiquidationPlace | null, order: "asc" | "desc"): boolean {
  return after !== null && (order === "asc" ? after.time >= part.end : after.time < part.start);
}

async function fromSupabase(config: Config, { filter, range, order, after, limit }: LiquidationPage): Promise<ScannedRows<Liquidation>> {
  const { rows } = await readLiquidations(config, {
    ...range,
    symbols: filter.symbol === undefined ? null : [filter.symbol],
    exchanges: filter.exchange === undefined ? null : [filter.exchange],
    side: filter.side ?? null,
    minUsd: filter.minUsd ?? null,
    inferred: filter.inferred ?? false,
    order,
    limit,
    after: after === null ? null : { event_time: after.time, event_id: after.id },
  });
  return { rows, stoppedAt: null };
}
