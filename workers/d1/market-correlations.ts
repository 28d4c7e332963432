import { DAY_MS } from "../../src/windows/calendar.ts";
import type { Correlations } from "../../src/market-state/correlations.ts";
import { rowsOf } from "./rows-of.ts";

/** The correlations of a base asset as stored. */
export interface StoredCorrelations {
  /** Range of the days that they are computed over, ms. */
  readonly from_time: number;
  readonly to_time: number;
  readonly computed_time: number;
  readonly correlations: Correlations;
}

interface Row {
  readonly day: number;
  readonly from_time: number;
  readonly computed_time: number;
  readonly correlations: string;
}

const SAVE = `
  INSERT INTO market_correlations (symbol, day, from_time, computed_time, correlations) VALUES (?1, ?2, ?3, ?4, ?5)
  ON CONFLICT (symbol, day) DO UPDATE SET from_time = excluded.from_time, computed_time = excluded.computed_time,
    correlations = excluded.correlations`;
const LATEST = `
  SELECT day, from_time, computed_time, correlations FROM market_correlations
  WHERE symbol = ?1 AND computed_time <= ?2 ORDER BY day DESC LIMIT 1`;

export async function saveCorrelations(
  db: D1Database,
  symbol: string,
  { from_time, to_time, computed_time, correlations }: StoredCorrelations,
): Promise<void> {
  const day = to_time - DAY_MS;
  await db.prepare(SAVE).bind(symbol, day, from_time, computed_time, JSON.stringify(correlations)).run();
}

/** The statement that reads the latest correlations known at a time; pass its rows to `latestCorrelationsOf`. */
export function latestCorrelations(db: D1Database, symbol: string, time: number): D1PreparedStatement {
  return db.prepare(LATEST).bind(symbol, time);
}

export function latestCorrelationsOf(result: D1Result | undefined): StoredCorrelations | null {
  const [row] = rowsOf<Row>(result);
  if (row === undefined) return null;
  const { day, correlations, ...times } = row;
  return { ...times, to_time: day + DAY_MS, correlations: JSON.parse(correlations) as Correlations };
}

/** The base assets whose correlations of a day are stored. */
export async function correlatedSymbols(db: D1Database, symbols: readonly string[], day: number): Promise<ReadonlySet<string>> {
  const sql = "SELECT symbol FROM json_each(?1) AS symbols CROSS JOIN market_correlations WHERE symbol = symbols.value AND day = ?2";
  const { results } = await db.prepare(sql).bind(JSON.stringify(symbols), day).all<{ symbol: string }>();
  return new Set(results.map(({ symbol }) => symbol));
}
