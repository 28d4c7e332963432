import { flowUsd } from "../../src/flow-usd.ts";
import { LIQUIDATION_FIELDS } from "../../src/liquidation-fields.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { type RowsByPlace, readSomeFields } from "../../src/parquet/decode.ts";
import type { MinuteHistory, MinuteSum } from "../../src/rules/minute-sums.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, ceilTo, floorTo } from "../../src/windows/calendar.ts";
import { MINUTES_KEPT_MS } from "../../src/windows/kept.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import type { Stores } from "../daily/stores.ts";
import { rowsOfDay } from "./stored-events.ts";

const MINUTES = `
  SELECT minute, position_side, sum(coalesce(usd, 0)) AS usd, sum(events) AS events FROM minute_totals
  WHERE symbol = ?1 AND minute >= ?2 AND minute < ?3 GROUP BY minute, position_side`;

/** The liquidations of a base asset by minute, of venues together, as far back as D1 keeps them. */
export async function storedMinutes(db: D1Database, symbol: string, { start, end }: TimeRange): Promise<readonly MinuteSum[]> {
  const { results } = await db.prepare(MINUTES).bind(symbol, start, floorTo(end, MINUTE_MS)).all<MinuteSum>();
  return results;
}

/** Whole minutes, and what is known of the collection and the stores. */
export interface HistoryRange extends TimeRange {
  /** Time since which liquidations are collected, ms. */
  readonly since: number;
  readonly now: number;
}

/** The liquidations of base assets by minute: from D1 as far back as it keeps minutes, before that from the daily files. */
export async function minuteHistories(
  env: Stores,
  symbols: readonly string[],
  { start, end, since, now }: HistoryRange,
): Promise<ReadonlyMap<string, MinuteHistory>> {
  const from = Math.min(end, Math.max(start, floorTo(since, MINUTE_MS)));
  const kept = Math.min(end, Math.max(from, ceilTo(now - MINUTES_KEPT_MS, HOUR_MS)));
  const [older, newer] = await Promise.all([
    minutesOfFiles(env.BUCKET, symbols, { start: from, end: kept }),
    Promise.all(symbols.map((symbol) => storedMinutes(env.DB, symbol, { start: kept, end }))),
  ]);
  return new Map(
    symbols.map((symbol, index) => {
      const minutes = [...(older.bySymbol.get(symbol) ?? []), ...(newer[index] ?? [])];
      return [symbol, { minutes, from: start, missing: older.missing }];
    }),
  );
}

const FIELD_NAMES = ["symbol", "event_time", "position_side", "notional_mark_usd", "usd_value", "coverage"] as const;
const FIELDS = LIQUIDATION_FIELDS.filter(({ name }) => FIELD_NAMES.some((one) => one === name));
type Counted = Pick<Liquidation, (typeof FIELD_NAMES)[number]>;

async function minutesOfFiles(bucket: R2Bucket, symbols: readonly string[], { start, end }: TimeRange) {
  const bySymbol = new Map<string, MinuteSum[]>();
  const missing: TimeRange[] = [];
  for (let from = start; from < end;) {
    const range = { start: from, end: Math.min(floorTo(from, DAY_MS) + DAY_MS, end) };
    const rows = await rowsOfDay(bucket, readCounted, symbols, range);
    if (rows === null) missing.push(range);
    for (const [symbol, own] of Map.groupBy(rows ?? [], (row) => row.symbol))
      bySymbol.set(symbol, [...(bySymbol.get(symbol) ?? []), ...summed(own)]);
    from = range.end;
  }
  return { bySymbol, missing };
}

function readCounted(bytes: Uint8Array, part: RowsByPlace): readonly Counted[] {
  return readSomeFields(FIELDS, bytes, part) as readonly Counted[];
}

/** The sums of each minute and side, as D1 has them: of what was inferred there are none. */
function summed(rows: readonly Counted[]): readonly MinuteSum[] {
  const counted = rows.filter(({ coverage }) => coverage !== "inferred");
  const groups = Map.groupBy(counted, (row) => `${floorTo(row.event_time, MINUTE_MS)} ${row.position_side}`);
  return [...groups.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const usd = own.reduce((sum, row) => sum + (flowUsd(row) ?? 0), 0);
    return [{ minute: floorTo(first.event_time, MINUTE_MS), position_side: first.position_side, usd, events: own.length }];
  });
}
