import type { ExchangeName, PositionSide } from "../../src/liquidation.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import type { LayeredRange } from "../../src/windows/layered-range.ts";
import type { Totals } from "../../src/windows/totals.ts";
import { BAD_DAYS, isClean } from "./layered-totals.ts";
import { type SummedTable, summedSymbols } from "./summed-symbols.ts";
import { TOTAL_COLUMNS } from "./total-columns.ts";

/** The totals of one venue and side in a minute, hour or day, which is named by its start. */
export interface SymbolTotal extends Totals {
  readonly time: number;
  readonly exchange: ExchangeName;
  readonly position_side: PositionSide;
}

/** A row of totals as an entry of a block. */
const entry = (time: string) => `json_array(${time}, exchange, position_side, ${TOTAL_COLUMNS.join(", ")})`;

/** Maximum number of hours and of days per run. After an upgrade all of 400 days wait. */
const MAX_HOURS = 48;
const MAX_DAYS = 5;

const DUE_HOURS =
  "SELECT hour AS time FROM hours_without_blocks WHERE hour NOT IN (SELECT hour FROM dirty_hours) ORDER BY hour DESC LIMIT ?1";
const DUE_DAYS = `SELECT day AS time FROM days_without_blocks WHERE day NOT IN ${BAD_DAYS} ORDER BY day DESC LIMIT ?1`;

/** ?1 the spans as JSON. */
const writeBlocks = (stepMs: number, spanMs: number, table: SummedTable, time: string) => `
  INSERT INTO symbol_blocks (symbol, step_ms, time, totals)
  SELECT symbol, ${stepMs}, spans.value, json_group_array(${entry(time)})
  FROM json_each(?1) AS spans CROSS JOIN ${summedSymbols(table)} CROSS JOIN ${table}
  WHERE symbol = summed_symbol AND ${time} >= spans.value AND ${time} < spans.value + ${spanMs} GROUP BY spans.value, symbol
  ON CONFLICT (symbol, step_ms, time) DO UPDATE SET totals = excluded.totals`;
const WRITE_OF_HOURS = [
  writeBlocks(MINUTE_MS, HOUR_MS, "minute_totals", "minute"),
  "DELETE FROM hours_without_blocks WHERE hour IN (SELECT value FROM json_each(?1))",
];
const WRITE_OF_DAYS = [
  writeBlocks(HOUR_MS, DAY_MS, "hour_totals", "hour"),
  writeBlocks(DAY_MS, DAY_MS, "day_totals", "day"),
  "DELETE FROM days_without_blocks WHERE day IN (SELECT value FROM json_each(?1))",
];

/** Writes the blocks of hours and days that were computed; those of one list are a transaction. Repeating a run changes nothing. */
export async function writeSymbolBlocks(db: D1Database): Promise<void> {
  await writeDue(db, DUE_HOURS, MAX_HOURS, WRITE_OF_HOURS);
  await writeDue(db, DUE_DAYS, MAX_DAYS, WRITE_OF_DAYS);
}

async function writeDue(db: D1Database, due: string, most: number, writes: readonly string[]): Promise<void> {
  const { results } = await db.prepare(due).bind(most).all<{ time: number }>();
  if (results.length === 0) return;
  const list = JSON.stringify(results.map(({ time }) => time));
  await db.batch(writes.map((sql) => db.prepare(sql).bind(list)));
}

/** A part of a range and the span of the blocks that hold it. */
interface Part {
  readonly stepMs: number;
  readonly spanMs: number;
  readonly from: number;
  readonly to: number;
}

function partsOf({ minutes, hours, days }: LayeredRange): readonly Part[] {
  const parts: readonly Part[] = [
    { stepMs: DAY_MS, spanMs: DAY_MS, from: days[0], to: days[1] },
    { stepMs: HOUR_MS, spanMs: DAY_MS, from: hours[0], to: days[0] },
    { stepMs: HOUR_MS, spanMs: DAY_MS, from: days[1], to: hours[1] },
    { stepMs: MINUTE_MS, spanMs: HOUR_MS, from: minutes[0], to: hours[0] },
    { stepMs: MINUTE_MS, spanMs: HOUR_MS, from: hours[1], to: minutes[1] },
  ];
  return parts.filter(({ from, to }) => from < to);
}

/** Hours whose blocks of minutes are not to be read, and whether their totals are not to be read either. */
const BAD_HOURS = `(
  SELECT hour AS bad_hour, 1 AS is_dirty FROM dirty_hours
  UNION ALL SELECT hour, 0 FROM hours_without_blocks WHERE hour NOT IN (SELECT hour FROM dirty_hours))`;
/** Days whose blocks are not to be read. */
const BLOCKLESS_DAYS = `(SELECT bad_day FROM ${BAD_DAYS} UNION SELECT day FROM days_without_blocks)`;

/**
 * ?1 the base asset, ?2 its parts as JSON, each with step, first span, end and place; ?3 and ?4 the bounds of the hours, ?5 and ?6
 * those of the minutes. What a changed hour or day has no block of comes from its own rows: an entry each, and no place.
 */
const READ = `
  SELECT parts.value ->> 3 AS part, totals FROM json_each(?2) AS parts CROSS JOIN symbol_blocks AS block
  WHERE symbol = ?1 AND step_ms = parts.value ->> 0 AND block.time >= parts.value ->> 1 AND block.time < parts.value ->> 2
    AND iif(step_ms = ${MINUTE_MS}, ${isClean("block.time", "bad_hour", BAD_HOURS)}, ${isClean("block.time", "bad_day", BLOCKLESS_DAYS)})
  UNION ALL
  SELECT NULL, json_array(${entry("hour")}) FROM ${BLOCKLESS_DAYS} CROSS JOIN hour_totals
  WHERE symbol = ?1 AND hour >= max(bad_day, ?3) AND hour < min(bad_day + ${DAY_MS}, ?4) AND ${isClean("hour", "hour", "dirty_hours")}
  UNION ALL
  SELECT NULL, json_array(${entry("minute")}) FROM ${BAD_HOURS} CROSS JOIN minute_totals
  WHERE symbol = ?1 AND minute >= max(bad_hour, ?5) AND minute < min(bad_hour + ${HOUR_MS}, ?6)
    AND (is_dirty OR bad_hour < ?3 OR bad_hour >= ?4)`;

/** The totals of a base asset in a range, of days, hours and minutes, in no order. */
export async function readSymbolTotals(db: D1Database, symbol: string, range: LayeredRange): Promise<readonly SymbolTotal[]> {
  const parts = partsOf(range);
  const wanted = parts.map(({ stepMs, spanMs, from, to }, place) => [stepMs, floorTo(from, spanMs), to, place]);
  const { results } = await db
    .prepare(READ)
    .bind(symbol, JSON.stringify(wanted), ...range.hours, ...range.minutes)
    .all<{ part: number | null; totals: string }>();
  return results.flatMap(({ part, totals }) => {
    const entries = (JSON.parse(totals) as readonly StoredEntry[]).map(totalOf);
    const bounds = part === null ? undefined : parts[part];
    return bounds === undefined ? entries : entries.filter(({ time }) => time >= bounds.from && time < bounds.to);
  });
}

type StoredEntry = readonly [time: number, exchange: ExchangeName, side: PositionSide, ...values: (number | null)[]];

function totalOf([time, exchange, side, ...values]: StoredEntry): SymbolTotal {
  const totals = Object.fromEntries(TOTAL_COLUMNS.map((name, index) => [name, values[index] ?? null])) as unknown as Totals;
  return { time, exchange, position_side: side, ...totals };
}
