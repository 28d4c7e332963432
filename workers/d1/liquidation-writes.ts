import { FLOW_USD_SQL } from "../../src/flow-usd.ts";
import type { ExchangeName, Liquidation } from "../../src/liquidation.ts";
import { HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import type { JsonChunk } from "./json-chunks.ts";
import { LIQUIDATION_COLUMNS } from "./liquidation-columns.ts";
import { rowsOf } from "./rows-of.ts";
import { WRITE_MINUTE_BLOCKS } from "./total-blocks.ts";
import { TOTAL_COLUMNS, replaceTotals } from "./total-columns.ts";

const HOT_FROM = "(SELECT from_time FROM hot_events)";
const TIME_INDEX = LIQUIDATION_COLUMNS.indexOf("event_time");
const ID_INDEX = LIQUIDATION_COLUMNS.indexOf("event_id");

/**
 * Rows of a closed minute: other events of the minute may be deleted already, so its totals could not be recomputed.
 * The unstored rows of every venue hold back the deletion, so these are rows that no feed announced.
 */
const TOO_OLD = `SELECT value ->> ${ID_INDEX} AS event_id FROM json_each(?1) WHERE value ->> ${TIME_INDEX} < ${HOT_FROM}`;

/**
 * JSONB and materialized, so that the text of a row is parsed once rather than once per column, which takes a quarter
 * of the time. Not INSERT OR IGNORE, which would also silently drop a row that violates NOT NULL.
 */
const INSERT = `
  WITH rows AS MATERIALIZED (SELECT jsonb(value) AS row FROM json_each(?1))
  INSERT INTO liquidations (${LIQUIDATION_COLUMNS.join(", ")})
  SELECT ${LIQUIDATION_COLUMNS.map((_, index) => `row ->> ${index}`).join(", ")}
  FROM rows WHERE row ->> ${TIME_INDEX} >= ${HOT_FROM}
  ON CONFLICT (event_id) DO NOTHING`;

/** ?1 the touched [minute, symbol] pairs, ?2 the venue. The joins run in the order written. */
const RECOMPUTE = `
  INSERT INTO minute_totals (minute, symbol, exchange, position_side, ${TOTAL_COLUMNS.join(", ")})
  SELECT touched.value ->> 0, touched.value ->> 1, events.exchange, events.position_side,
    count(*), count(*) - count(${FLOW_USD_SQL}), count(*) - count(events.notional_mark_usd),
    sum(${FLOW_USD_SQL}), sum(events.notional_mark_usd), sum(events.quantity), max(${FLOW_USD_SQL})
  FROM json_each(?1) AS touched CROSS JOIN liquidations AS events
  WHERE events.symbol = touched.value ->> 1 AND events.exchange = ?2
    AND events.event_time >= touched.value ->> 0 AND events.event_time < (touched.value ->> 0) + ${MINUTE_MS}
    AND touched.value ->> 0 >= ${HOT_FROM} AND events.coverage <> 'inferred'
  GROUP BY 1, 2, 3, 4
  ON CONFLICT (symbol, minute, exchange, position_side) DO UPDATE SET ${replaceTotals}`;

const MARK_HOURS = `
  INSERT INTO dirty_hours (hour)
  SELECT DISTINCT (value ->> 0) - (value ->> 0) % ${HOUR_MS} FROM json_each(?1) WHERE value ->> 0 >= ${HOT_FROM}
  ON CONFLICT (hour) DO NOTHING`;

/**
 * Stores rows of one venue and updates the totals of their minutes, in one transaction. The totals are absolute and
 * computed from the stored events, so that late and repeated rows come out right; they do not include inferred events.
 * @returns the ids of the rows that were too old to be stored
 */
export async function storeLiquidations(db: D1Database, exchange: ExchangeName, chunk: JsonChunk<Liquidation>): Promise<readonly string[]> {
  const touched = touchedMinutes(chunk.items);
  const [tooOld] = await db.batch([
    db.prepare(TOO_OLD).bind(chunk.json),
    db.prepare(INSERT).bind(chunk.json),
    db.prepare(RECOMPUTE).bind(touched, exchange),
    db.prepare(WRITE_MINUTE_BLOCKS).bind(minutesOf(chunk.items), exchange),
    db.prepare(MARK_HOURS).bind(touched),
  ]);
  return rowsOf<{ event_id: string }>(tooOld).map((row) => row.event_id);
}

function minutesOf(rows: readonly Liquidation[]): string {
  return JSON.stringify([...new Set(rows.map((row) => floorTo(row.event_time, MINUTE_MS)))]);
}

function touchedMinutes(rows: readonly Liquidation[]): string {
  const pairs = new Set(rows.map((row) => JSON.stringify([floorTo(row.event_time, MINUTE_MS), row.symbol])));
  return `[${[...pairs].join(",")}]`;
}
