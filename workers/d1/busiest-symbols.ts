import type { Config } from "../../src/config.ts";
import { MAX_BUSIEST_SYMBOLS } from "../../src/windows/busiest-symbols.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { rowsBySymbol } from "./summed-symbols.ts";

const BUSIEST = `
  SELECT symbol FROM ${rowsBySymbol("minute_totals")} WHERE minute >= ?1 AND minute < ?2
  GROUP BY symbol ORDER BY sum(usd) DESC, symbol LIMIT ${MAX_BUSIEST_SYMBOLS}`;

/** The configured base assets; if all are collected, those with the most USD liquidated in a range of whole minutes. */
export async function busiestSymbols(db: D1Database, config: Config, { start, end }: TimeRange): Promise<readonly string[]> {
  if (config.LIQUIDATION_SYMBOLS !== "*") return [...config.LIQUIDATION_SYMBOLS];
  const { results } = await db.prepare(BUSIEST).bind(start, end).all<{ symbol: string }>();
  return results.map((row) => row.symbol);
}
