import type { ExchangeName, Liquidation } from "../../src/liquidation.ts";
import { HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import type { JsonChunk } from "./json-chunks.ts";
import { LIQUIDATION_COLUMNS } from "./liquidation-columns.ts";
import { rowsOf } from "./rows-of.ts";
import { TOTAL_COLUMNS, replaceTotals } from "./total-columns.ts";

const HOT_FROM = "(SELECT from_time FROM hot_events)";
const TIME_INDEX = LIQUIDATION_COLUMNS.indexOf("event_time");
const ID_INDEX = LIQUIDATION_COLUMNS.indexOf("event_id");

/**
 * Rows whose minute is closed: their neighbours may be gone from the hot events, so the minute could not be computed
 * from what is left. Every venue's unstored rows hold the deletion back, so these are rows nobody announced.
 */
const TOO_OLD = `SELECT value ->> ${ID_INDEX} AS event_id FROM json_each(?1) WHERE value ->> ${TIME_INDEX} < ${HOT_FROM}`;

/**
 * JSONB and materialised, so that a row's text is parsed once and not once for each of its columns: a quarter of the
 * time. Not INSERT OR IGNORE, which would silently drop a row that breaks NOT NULL as well.
 */
const INSERT = `
  WITH rows AS MATERIALIZED (SELECT jsonb(value) AS row FROM json_each(?1))
  INSERT INTO liquidations (${LIQUIDATION_COLUMNS.join(", ")})
  SELECT ${LIQUIDATION_COLUMNS.map((_, index) => `row ->> ${index}`).join(", ")}
  FROM rows WHERE row ->> ${TIME_INDEX} >= ${HOT_FROM}
  ON CONFLICT (event_id) DO NOTHING`;

/** ?1 the touched [minute, symbol] pairs, ?2 the venue. The order of the joins is the order written. */
const RECOMPUTE = `
  INSERT INTO minute_totals (minute, symbol, exchange, position_side, ${TOTAL_COLUMNS.join(", ")})
  SELECT touched.value ->> 0, touched.value ->> 1, events.exchange, events.position_side,
    count(*), count(*) - count(events.usd_value), count(*) - count(events.notional_mark_usd),
    sum(events.usd_value), sum(events.notional_mark_usd), sum(events.quantity), max(events.usd_value)
  FROM json_each(?1) AS touched CROSS JOIN liquidations AS events
  WHERE events.symbol = touched.value ->> 1 AND events.exchange = ?2
    AND events.event_time >= touched.value ->> 0 AND events.event_time < (touched.value ->> 0) + ${MINUTE_MS}
    AND touched.value ->> 0 >= ${HOT_FROM} AND events.coverage <> 'inferred'
  GROUP BY 1, 2, 3, 4
  ON CONFLICT (minute, symbol, exchange, position_side) DO UPDATE SET ${replaceTotals}`;

const MARK_HOURS = `
  INSERT INTO dirty_hours (hour)
  SELECT DISTINCT (value ->> 0) - (value ->> 0) % ${HOUR_MS} FROM json_each(?1) WHERE value ->> 0 >= ${HOT_FROM}
  ON CONFLICT (hour) DO NOTHING`;

/**
 * Stores rows of one venue and brings the totals of their minutes up to date, all in one transaction. The totals are
 * absolute, computed from the events held, so that late and repeated rows come out right; what is inferred is in none.
 * @returns the ids of the rows that were too old to be stored
 */
export async function storeLiquidations(db: D1Database, exchange: ExchangeName, chunk: JsonChunk<Liquidation>): Promise<readonly string[]> {
  const touched = touchedMinutes(chunk.items);
  const [tooOld] = await db.batch([
    db.prepare(TOO_OLD).bind(chunk.json),
    db.prepare(INSERT).bind(chunk.json),
    db.prepare(RECOMPUTE).bind(touched, exchange),
    db.prepare(MARK_HOURS).bind(touched),
  ]);
  return rowsOf<{ event_id: string }>(tooOld).map((row) => row.event_id);
}

function touchedMinutes(rows: readonly Liquidation[]): string {
  const pairs = new Set(rows.map((row) => JSON.stringify([floorTo(row.event_time, MINUTE_MS), row.symbol])));
  return `[${[...pairs].join(",")}]`;
}
