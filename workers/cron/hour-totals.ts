import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { summedSymbols } from "../d1/summed-symbols.ts";
import { writeSymbolBlocks } from "../d1/symbol-blocks.ts";
import { TOTALS_JSON } from "../d1/total-blocks.ts";
import { TOTAL_COLUMNS, replaceTotals, sumTotals } from "../d1/total-columns.ts";

/** Maximum number of hours per run, so that a backlog of days does not make one transaction too long. */
const MAX_HOURS = 48;

// The running hour stays dirty: readers use its minutes anyway, and recomputing it every minute would read its minutes
// 60 times.
const ENDED = "SELECT hour FROM dirty_hours WHERE hour <= ?1 ORDER BY hour LIMIT ?2";

/** ?1 is a JSON array of hours. */
const RECOMPUTE = `
  INSERT INTO hour_totals (hour, symbol, exchange, position_side, ${TOTAL_COLUMNS.join(", ")})
  SELECT hours.value AS hour, symbol, exchange, position_side, ${sumTotals}
  FROM json_each(?1) AS hours CROSS JOIN ${summedSymbols("minute_totals")} CROSS JOIN minute_totals AS minutes
  WHERE symbol = summed_symbol AND minutes.minute >= hours.value AND minutes.minute < hours.value + ${HOUR_MS}
  GROUP BY hours.value, symbol, exchange, position_side
  ON CONFLICT (symbol, hour, exchange, position_side) DO UPDATE SET ${replaceTotals}`;

/** The bursts of an hour are those of its minutes, one after the other. */
const BURSTS = `
  (SELECT json_group_array(json(entry.value)) FROM total_blocks AS minutes CROSS JOIN json_each(minutes.bursts) AS entry
   WHERE minutes.step_ms = ${MINUTE_MS} AND minutes.time >= hour AND minutes.time < hour + ${HOUR_MS} AND minutes.exchange = summed.exchange)`;
const HOUR_BLOCKS = `
  INSERT INTO total_blocks (step_ms, time, exchange, totals, bursts)
  SELECT ${HOUR_MS}, hour, exchange, totals, ${BURSTS} FROM (
    SELECT hour, exchange, ${TOTALS_JSON} AS totals
    FROM json_each(?1) AS hours CROSS JOIN ${summedSymbols("hour_totals")} CROSS JOIN hour_totals
    WHERE symbol = summed_symbol AND hour = hours.value GROUP BY hour, exchange
  ) AS summed WHERE true
  ON CONFLICT (step_ms, time, exchange) DO UPDATE SET totals = excluded.totals, bursts = excluded.bursts`;

const CLEAN = "DELETE FROM dirty_hours WHERE hour IN (SELECT value FROM json_each(?1))";
const MARK_DAYS = `
  INSERT INTO dirty_days (day) SELECT DISTINCT value - value % ${DAY_MS} FROM json_each(?1) WHERE true ON CONFLICT (day) DO NOTHING`;

/** Maximum number of days per run: after an upgrade all 400 wait. */
const MAX_DAYS = 5;

/** Days that ended and none of whose hours has changed since it was computed: ?1 the present, ?2 how many. */
const ENDED_DAYS = `
  SELECT day FROM dirty_days
  WHERE day <= ?1 - ${DAY_MS} AND NOT EXISTS (SELECT 1 FROM dirty_hours WHERE hour >= day AND hour < day + ${DAY_MS}) ORDER BY day DESC LIMIT ?2`;
const RECOMPUTE_DAYS = `
  INSERT INTO day_totals (day, symbol, exchange, position_side, ${TOTAL_COLUMNS.join(", ")})
  SELECT days.value AS day, symbol, exchange, position_side, ${sumTotals}
  FROM json_each(?1) AS days CROSS JOIN ${summedSymbols("hour_totals")} CROSS JOIN hour_totals
  WHERE symbol = summed_symbol AND hour >= days.value AND hour < days.value + ${DAY_MS}
  GROUP BY days.value, symbol, exchange, position_side
  ON CONFLICT (symbol, day, exchange, position_side) DO UPDATE SET ${replaceTotals}`;
const DAY_BLOCKS = `
  INSERT INTO total_blocks (step_ms, time, exchange, totals)
  SELECT ${DAY_MS}, day, exchange, ${TOTALS_JSON}
  FROM json_each(?1) AS days CROSS JOIN ${summedSymbols("day_totals")} CROSS JOIN day_totals
  WHERE symbol = summed_symbol AND day = days.value GROUP BY day, exchange
  ON CONFLICT (step_ms, time, exchange) DO UPDATE SET totals = excluded.totals`;
const CLEAN_DAYS = "DELETE FROM dirty_days WHERE day IN (SELECT value FROM json_each(?1))";

export interface HourTotalsRecord {
  /** Number of recomputed hours. */
  readonly hours: number;
  /** Number of rows written to `hour_totals`. */
  readonly rows: number;
  /** True where more hours wait for the next run. */
  readonly more: boolean;
}

/**
 * Updates `hour_totals`, the blocks of hours, and then days and the blocks of base assets for every ended hour with changed minutes. Computing and cleaning are one transaction: an hour
 * that is not dirty always equals the sum of its minutes.
 */
export async function hourTotals(db: D1Database, scheduledTime: number): Promise<HourTotalsRecord> {
  const ended = await db
    .prepare(ENDED)
    .bind(scheduledTime - HOUR_MS, MAX_HOURS + 1)
    .all<{ hour: number }>();
  const hours = ended.results.slice(0, MAX_HOURS).map((row) => row.hour);
  if (hours.length === 0) {
    await sumUpDays(db, scheduledTime);
    return { hours: 0, rows: 0, more: false };
  }
  const list = JSON.stringify(hours);
  const [computed] = await db.batch([RECOMPUTE, HOUR_BLOCKS, CLEAN, MARK_DAYS].map((sql) => db.prepare(sql).bind(list)));
  await sumUpDays(db, scheduledTime);
  return { hours: hours.length, rows: computed?.meta.changes ?? 0, more: ended.results.length > MAX_HOURS };
}

async function sumUpDays(db: D1Database, scheduledTime: number): Promise<void> {
  await dayTotals(db, scheduledTime);
  await writeSymbolBlocks(db);
}

/** Updates `day_totals` for ended days with changed hours, in one transaction, so that a day that is not dirty equals its hours. */
async function dayTotals(db: D1Database, scheduledTime: number): Promise<void> {
  const { results } = await db.prepare(ENDED_DAYS).bind(scheduledTime, MAX_DAYS).all<{ day: number }>();
  if (results.length === 0) return;
  const list = JSON.stringify(results.map(({ day }) => day));
  await db.batch([RECOMPUTE_DAYS, DAY_BLOCKS, CLEAN_DAYS].map((sql) => db.prepare(sql).bind(list)));
}
