import type { Config } from "../../src/config.ts";
import { publishingVenues } from "../../src/exchanges/coverage.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { type StepFlow, flowOfDay } from "../../src/market-state/flow-of-day.ts";
import { STEP_MS } from "../../src/market-state/lags.ts";
import { type MarketDay, STEPS_PER_DAY, type StepMark, marketOfDay } from "../../src/market-state/market-day.ts";
import { DAY_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { gapsInRange, gapsOf } from "./gap-reads.ts";
import { rowsOf } from "./rows-of.ts";

const FLOW = `
  SELECT CAST((minute - ?2) / ${STEP_MS} AS INTEGER) AS step, exchange, position_side, sum(usd) AS usd FROM minute_totals
  WHERE symbol = ?1 AND minute >= ?2 AND minute < ?3 GROUP BY 1, 2, 3`;
/** ?2 the venues, ?3 the minutes. CROSS JOIN keeps the order, so that each row is found by its key. */
const MARKS = `
  SELECT exchange, minute, close, index_price, open_interest_usd, funding_rate, funding_interval_hours
  FROM json_each(?2) AS venues CROSS JOIN json_each(?3) AS minutes CROSS JOIN minute_marks
  WHERE symbol = ?1 AND exchange = venues.value AND minute = minutes.value`;
const VENUES = JSON.stringify(EXCHANGES);
/** More than any day has but one whose feeds reconnect all the time. */
const MAX_GAPS = 4_000;

const SAVE =
  "INSERT INTO market_days (symbol, day, series) VALUES (?1, ?2, ?3) ON CONFLICT (symbol, day) DO UPDATE SET series = excluded.series";

export interface SymbolDay {
  readonly symbol: string;
  /** Start of the day, ms. */
  readonly day: number;
}

/** Sums a day up from its minutes and stores it: about 3,500 rows read for twelve venues, one written. */
export async function saveMarketDay(db: D1Database, config: Config, { symbol, day }: SymbolDay): Promise<void> {
  const minutes = Array.from({ length: STEPS_PER_DAY + 1 }, (_, step) => day + step * STEP_MS - MINUTE_MS);
  const range = { start: day, end: day + DAY_MS };
  const [flow, marks, gapRows] = await db.batch([
    db.prepare(FLOW).bind(symbol, range.start, range.end),
    db.prepare(MARKS).bind(symbol, VENUES, JSON.stringify(minutes)),
    gapsInRange(db, config.LIQUIDATION_EXCHANGES, range, MAX_GAPS),
  ]);
  const known = rowsOf<StepMark>(marks);
  const { gaps, truncated } = gapsOf(gapRows, MAX_GAPS);
  const series: MarketDay = {
    flow: flowOfDay(day, rowsOf<StepFlow>(flow), publishingVenues(config), truncated ? null : gaps),
    market: marketOfDay(day, known),
  };
  await db
    .prepare(SAVE)
    .bind(symbol, day, known.length === 0 ? null : JSON.stringify(series))
    .run();
}

/** The stored days of all base assets from `from` on. */
export async function storedMarketDays(db: D1Database, symbols: readonly string[], from: number): Promise<readonly SymbolDay[]> {
  const sql = `
    SELECT symbol, day FROM json_each(?1) AS symbols CROSS JOIN market_days WHERE symbol = symbols.value AND day >= ?2`;
  return (await db.prepare(sql).bind(JSON.stringify(symbols), from).all<SymbolDay>()).results;
}

/** The days of a range, oldest first; null where nothing is known of one. */
export async function readMarketDays(db: D1Database, symbol: string, days: readonly number[]): Promise<readonly (MarketDay | null)[]> {
  const sql = "SELECT day, series FROM market_days WHERE symbol = ?1 AND day IN (SELECT value FROM json_each(?2)) AND series IS NOT NULL";
  const { results } = await db.prepare(sql).bind(symbol, JSON.stringify(days)).all<{ day: number; series: string }>();
  const byDay = new Map(results.map(({ day, series }) => [day, JSON.parse(series) as MarketDay]));
  return days.map((day) => byDay.get(day) ?? null);
}
