import { FLOW_USD_SQL } from "../../src/flow-usd.ts";
import type { ExchangeName, PositionSide } from "../../src/liquidation.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import type { LayeredRange } from "../../src/windows/layered-range.ts";
import type { Totals } from "../../src/windows/totals.ts";
import { type Layer, boundsOf, layered } from "./layered-totals.ts";
import { TOTAL_COLUMNS } from "./total-columns.ts";

/** Events of a venue, base asset and side in the same ten seconds belong to one burst, so their first and last stand for all. */
const SLOT_MS = 10_000;

/** A list of `totals` as SQL writes it, see the migration. */
export const TOTALS_JSON = `json_group_array(json_array(symbol, position_side, ${TOTAL_COLUMNS.join(", ")}))`;

const CONCURRENT = EXCHANGES.map((_, index) => `sum(concurrent_exchanges = ${index + 1}) AS concurrent_${index + 1}`);
const CONCURRENT_SUMS = EXCHANGES.map((_, index) => `sum(concurrent_${index + 1})`);

/** ?1 minutes as JSON, ?2 the venue, from the events themselves, as `minute_totals` is. */
export const WRITE_MINUTE_BLOCKS = `
  INSERT INTO total_blocks (step_ms, time, exchange, totals, bursts)
  SELECT ${MINUTE_MS}, minute, ?2, ${TOTALS_JSON}, json_group_array(json_array(symbol, position_side, minute, json(numbers), json(slots)))
  FROM (
    SELECT minute, symbol, position_side, sum(events) AS events, sum(events_without_usd) AS events_without_usd,
      sum(events_without_notional_mark) AS events_without_notional_mark, sum(usd) AS usd, sum(notional_mark_usd) AS notional_mark_usd,
      sum(quantity) AS quantity, max(max_usd) AS max_usd,
      json_array(${CONCURRENT_SUMS.join(", ")}) AS numbers, json_group_array(json_array(first, last)) AS slots
    FROM (
      SELECT touched.value AS minute, symbol, position_side, CAST((event_time - touched.value) / ${SLOT_MS} AS INTEGER) AS slot,
        count(*) AS events, count(*) - count(${FLOW_USD_SQL}) AS events_without_usd,
        count(*) - count(notional_mark_usd) AS events_without_notional_mark, sum(${FLOW_USD_SQL}) AS usd,
        sum(notional_mark_usd) AS notional_mark_usd, sum(quantity) AS quantity, max(${FLOW_USD_SQL}) AS max_usd,
        ${CONCURRENT.join(", ")}, min(event_time) - touched.value AS first, max(event_time) - touched.value AS last
      FROM json_each(?1) AS touched CROSS JOIN liquidations INDEXED BY liquidations_by_exchange
      WHERE exchange = ?2 AND event_time >= touched.value AND event_time < touched.value + ${MINUTE_MS}
        AND touched.value >= (SELECT from_time FROM hot_events) AND coverage <> 'inferred'
      GROUP BY 1, 2, 3, 4
    ) GROUP BY minute, symbol, position_side
  ) GROUP BY minute
  ON CONFLICT (step_ms, time, exchange) DO UPDATE SET totals = excluded.totals, bursts = excluded.bursts`;

/** Blocks of minutes that have none, from their totals: of minutes whose events are gone, whose bursts nobody knows any more. */
export const FILL_MINUTE_BLOCKS = `
  INSERT INTO total_blocks (step_ms, time, exchange, totals)
  SELECT ${MINUTE_MS}, minute, exchange, ${TOTALS_JSON} FROM minute_totals WHERE true GROUP BY minute, exchange
  ON CONFLICT (step_ms, time, exchange) DO NOTHING`;

const block = (stepMs: number): Layer => ({ from: "total_blocks", time: "time", where: `step_ms = ${stepMs}` });
const BLOCKS = { minute: block(MINUTE_MS), hour: block(HOUR_MS), day: block(DAY_MS) };

/** A venue's totals of one step, over all base assets. */
export interface TotalBlock {
  readonly time: number;
  readonly exchange: ExchangeName;
  readonly entries: readonly BlockEntry[];
}

/** The totals of a base asset and side in a block. */
export interface BlockEntry extends Totals {
  readonly symbol: string;
  readonly position_side: PositionSide;
}

/** The blocks of a range, in no order. */
export async function readBlocks(db: D1Database, range: LayeredRange): Promise<readonly TotalBlock[]> {
  const sql = layered(BLOCKS, "time, exchange, totals");
  const { results } = await db
    .prepare(sql)
    .bind(...boundsOf(range))
    .all<{ time: number; exchange: ExchangeName; totals: string }>();
  return results.map(({ time, exchange, totals }) => ({
    time,
    exchange,
    entries: (JSON.parse(totals) as readonly StoredEntry[]).map(entryOf),
  }));
}

type StoredEntry = readonly [symbol: string, side: PositionSide, ...values: (number | null)[]];

function entryOf([symbol, side, ...values]: StoredEntry): BlockEntry {
  const totals = Object.fromEntries(TOTAL_COLUMNS.map((name, index) => [name, values[index] ?? null])) as unknown as Totals;
  return { symbol, position_side: side, ...totals };
}

/** The statement that reads what is known of the bursts of a range of hours and minutes; pass its rows to `burstsOf`. */
export function blockBursts(db: D1Database, range: LayeredRange): D1PreparedStatement {
  return db.prepare(layered(BLOCKS, "exchange, totals, bursts")).bind(...boundsOf(range));
}

/** What a block holds of one base asset: its totals, and its events by ten seconds. */
export interface BurstBlock {
  readonly exchange: ExchangeName;
  readonly entries: readonly BlockEntry[];
  readonly bursts: readonly SlottedEvents[];
}

/** Events of one venue, base asset and side in one minute. */
export interface SlottedEvents {
  readonly position_side: PositionSide;
  /** Number of events by number of concurrent venues, from 1 on. */
  readonly concurrent: readonly number[];
  /** Times of the first and the last event of every ten seconds that have one, ms since 1970. */
  readonly slots: readonly (readonly [first: number, last: number])[];
}

type StoredBurst = readonly [string, PositionSide, number, readonly (number | null)[], readonly (readonly [number, number])[]];

export function burstsOf(
  rows: readonly { exchange: ExchangeName; totals: string; bursts: string | null }[],
  symbol: string,
): readonly BurstBlock[] {
  return rows.map(({ exchange, totals, bursts }) => ({
    exchange,
    entries: (JSON.parse(totals) as readonly StoredEntry[]).filter(([name]) => name === symbol).map(entryOf),
    bursts: ((bursts === null ? [] : JSON.parse(bursts)) as readonly StoredBurst[])
      .filter(([name]) => name === symbol)
      .map(([, position_side, minute, concurrent, slots]) => ({
        position_side,
        concurrent: concurrent.map((number) => number ?? 0),
        slots: slots.map(([first, last]) => [minute + first, minute + last] as const),
      })),
  }));
}
