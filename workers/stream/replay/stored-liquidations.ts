import { utcDate } from "../../../src/batch-object.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { readLiquidations } from "../../../src/parquet/decode.ts";
import type { StreamFilter } from "../../../src/stream/filter.ts";
import { DAY_MS, HOUR_MS, floorTo } from "../../../src/windows/calendar.ts";
import type { TimeRange } from "../../../src/windows/range-parts.ts";
import { type LiquidationPlace, liquidationPage } from "../../d1/liquidation-reads.ts";
import type { ScannedRows } from "../../d1/scan-page.ts";
import { PublishedRows, trustedManifest } from "../../daily/published-file.ts";
import type { Stores } from "../../daily/stores.ts";
import { loadParquet } from "../../r2/parquet-module.ts";

const PAGE_ROWS = 500;

/** Stored liquidations in the order of event time and id, or a stretch that no store has. */
export type StoredPart =
  | { readonly kind: "rows"; readonly rows: readonly Liquidation[] }
  | { readonly kind: "missing"; readonly range: TimeRange };

/**
 * The stored liquidations of a range: those before `hotFrom`, ms, from the daily files, hour by hour, and the others from
 * D1, page by page along an index. The filter narrows what D1 reads; it is applied again by who sends them.
 */
export async function* storedLiquidations(
  env: Stores,
  filter: StreamFilter,
  range: TimeRange,
  hotFrom: number,
): AsyncGenerator<StoredPart> {
  const hotStart = Math.min(range.end, Math.max(range.start, hotFrom));
  for (let start = range.start; start < hotStart;) {
    const end = Math.min(floorTo(start, DAY_MS) + DAY_MS, hotStart);
    yield* ofDay(env, { start, end });
    start = end;
  }
  yield* ofD1(env.DB, filter, { start: hotStart, end: range.end });
}

async function* ofDay(env: Stores, { start, end }: TimeRange): AsyncGenerator<StoredPart> {
  const manifest = await trustedManifest(env.BUCKET, utcDate(start));
  if (manifest === null) {
    yield { kind: "missing", range: { start, end } };
    return;
  }
  loadParquet();
  const file = await PublishedRows.open(env.BUCKET, manifest, readLiquidations);
  for (let from = start; from < end; from = floorTo(from, HOUR_MS) + HOUR_MS) {
    const to = Math.min(floorTo(from, HOUR_MS) + HOUR_MS, end);
    const found = (await file.read(from, to)).flat();
    const rows = found.filter(({ event_time: time }) => time >= from && time < to);
    if (rows.length > 0) yield { kind: "rows", rows: rows.toSorted(byTime) };
  }
}

function byTime(a: Liquidation, b: Liquidation): number {
  return a.event_time - b.event_time || (a.event_id < b.event_id ? -1 : 1);
}

async function* ofD1(db: D1Database, filter: StreamFilter, range: TimeRange): AsyncGenerator<StoredPart> {
  let after: LiquidationPlace | null = null;
  const narrow = {
    symbol: filter.symbols?.length === 1 ? filter.symbols[0] : undefined,
    exchange: filter.exchanges?.length === 1 ? filter.exchanges[0] : undefined,
    inferred: true,
  };
  while (range.start < range.end) {
    const page = { filter: narrow, range, order: "asc" as const, after, limit: PAGE_ROWS };
    const { rows, stoppedAt }: ScannedRows<Liquidation> = await liquidationPage(db, page);
    if (rows.length > 0) yield { kind: "rows", rows };
    const last = rows.at(-1);
    if (last !== undefined && rows.length === PAGE_ROWS) after = { time: last.event_time, id: last.event_id };
    else if (stoppedAt !== null) after = { time: Number(stoppedAt[0]), id: String(stoppedAt[1]) };
    else return;
  }
}
