import { utcDate } from "../../src/batch-object.ts";
import type { RowsByPlace } from "../../src/parquet/decode.ts";
import { readRuleLiquidations } from "../../src/rules/read-rule-liquidations.ts";
import { RULE_LIQUIDATION_FIELDS, type RuleLiquidation } from "../../src/rules/rule-fields.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { rowsOf } from "../d1/rows-of.ts";
import type { Stores } from "../daily/stores.ts";
import { PublishedRows, trustedManifest } from "../daily/published-file.ts";
import { loadParquet } from "../r2/parquet-module.ts";

/** Hours that D1 is asked for at once. */
const HOURS_AT_ONCE = 2;
const COLUMNS = RULE_LIQUIDATION_FIELDS.join(", ");
const OF_SYMBOL = `SELECT ${COLUMNS} FROM liquidations WHERE symbol = ?1 AND event_time >= ?2 AND event_time < ?3`;

/** The liquidations of a stretch by event time. */
export interface StoredStretch {
  readonly range: TimeRange;
  /** Null where no store has the stretch. */
  readonly events: readonly RuleLiquidation[] | null;
}

/**
 * The stored liquidations of base assets, stretch by stretch: those before `hotFrom`, ms, from the daily files, the others
 * from D1.
 */
export async function* storedEvents(
  env: Stores,
  symbols: readonly string[],
  range: TimeRange,
  hotFrom: number,
): AsyncGenerator<StoredStretch> {
  const hotStart = Math.min(range.end, Math.max(range.start, hotFrom));
  for (let start = range.start; start < hotStart;) {
    const end = Math.min(floorTo(start, DAY_MS) + DAY_MS, hotStart);
    const part = { start, end };
    yield { range: part, events: await rowsOfDay(env.BUCKET, readRuleLiquidations, symbols, part) };
    start = end;
  }
  for (let start = hotStart; start < range.end; start += HOURS_AT_ONCE * HOUR_MS) {
    const end = Math.min(start + HOURS_AT_ONCE * HOUR_MS, range.end);
    const results = await env.DB.batch(symbols.map((symbol) => env.DB.prepare(OF_SYMBOL).bind(symbol, start, end)));
    yield { range: { start, end }, events: results.flatMap((result) => rowsOf<RuleLiquidation>(result)) };
  }
}

/** The rows of base assets in a part of a UTC day, from its daily file; null where there is none. */
export async function rowsOfDay<Row extends { readonly symbol: string; readonly event_time: number }>(
  bucket: R2Bucket,
  read: (bytes: Uint8Array, part: RowsByPlace) => readonly Row[],
  symbols: readonly string[],
  { start, end }: TimeRange,
): Promise<readonly Row[] | null> {
  const manifest = await trustedManifest(bucket, utcDate(start));
  if (manifest === null) return null;
  loadParquet();
  const file = await PublishedRows.open(bucket, manifest, read);
  const rows = (await file.read(start, end)).flat();
  return rows.filter(({ symbol, event_time: time }) => symbols.includes(symbol) && time >= start && time < end);
}

/** The first minute or hour with stored totals, ms; `now` without any. */
export async function collectedSince(db: D1Database, now: number): Promise<number> {
  const sql = "SELECT time FROM total_blocks WHERE step_ms = ? ORDER BY time LIMIT 1";
  const results = await db.batch([HOUR_MS, MINUTE_MS].map((step) => db.prepare(sql).bind(step)));
  const times = results.flatMap((result) => rowsOf<{ time: number }>(result).map(({ time }) => time));
  return Math.min(now, ...times);
}
