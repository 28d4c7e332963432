import type { ExchangeName } from "../../src/liquidation.ts";
import { GRID_MS, type HourMark } from "../../src/grades/hour-mark.ts";
import { MIN_RETURNS } from "../../src/grades/trading-cost.ts";
import { HOUR_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { MARK_SOURCE } from "../d1/mark-reads.ts";

/** Summarises the hour ?1. */
const SUMMARISE = `
  WITH returns AS (
    SELECT symbol, exchange, minute, open,
      CASE WHEN lag(minute) OVER venue = minute - ${MINUTE_MS} THEN close / lag(close) OVER venue - 1 END AS change
    FROM ${MARK_SOURCE} WHERE minute >= ?1 AND minute < ?1 + ${HOUR_MS}
    WINDOW venue AS (PARTITION BY symbol, exchange ORDER BY minute)
  )
  INSERT INTO hour_marks (hour, symbol, exchange, opens, volatility)
  SELECT ?1, symbol, exchange,
    json_group_object((minute - ?1) / ${GRID_MS}, open) FILTER (WHERE (minute - ?1) % ${GRID_MS} = 0),
    CASE WHEN count(change) >= ${MIN_RETURNS} THEN sqrt(avg(change * change)) END
  FROM returns WHERE true GROUP BY symbol, exchange
  ON CONFLICT (hour, symbol, exchange) DO UPDATE SET opens = excluded.opens, volatility = excluded.volatility`;

const READ = `
  SELECT hour, opens, volatility FROM hour_marks
  WHERE hour IN (SELECT value FROM json_each(?3)) AND symbol = ?1 AND exchange = ?2 ORDER BY hour`;

/** Stores what trades at random times need of the minute marks of an hour; the same again where it is repeated. */
export async function writeHourMarks(db: D1Database, hour: number): Promise<number> {
  return (await db.prepare(SUMMARISE).bind(hour).run()).meta.changes;
}

/** The marks of one venue in these hours, as far as they are stored. */
export async function readHourMarks(
  db: D1Database,
  symbol: string,
  exchange: ExchangeName,
  hours: readonly number[],
): Promise<readonly HourMark[]> {
  const { results } = await db.prepare(READ).bind(symbol, exchange, JSON.stringify(hours)).all<{
    hour: number;
    opens: string;
    volatility: number | null;
  }>();
  return results.map(({ hour, opens, volatility }) => {
    const stored = JSON.parse(opens) as Readonly<Record<string, number>>;
    return { hour, opens: Array.from({ length: HOUR_MS / GRID_MS }, (_, index) => stored[index] ?? null), volatility };
  });
}
