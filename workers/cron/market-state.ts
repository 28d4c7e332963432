import type { Config } from "../../src/config.ts";
import { CORRELATED_DAYS, correlationsOf } from "../../src/market-state/correlations.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { MINUTES_KEPT_MS } from "../../src/windows/kept.ts";
import { busiestSymbols } from "../d1/busiest-symbols.ts";
import { jobProgress, saveJobProgress } from "../d1/job-progress.ts";
import { correlatedSymbols, saveCorrelations } from "../d1/market-correlations.ts";
import { type SymbolDay, readMarketDays, saveMarketDay, storedMarketDays } from "../d1/market-days.ts";

/** The progress is the last day of which every base asset has its correlations. */
const JOB = "market_state";
/** Marks and liquidations of a day are stored this long after it ends; those that come later are left out. */
const STORED_MS = 30 * MINUTE_MS;
/** Days and correlations per run: each takes well under a second. */
const MAX_DAYS = 8;
const MAX_CORRELATED = 4;

export interface MarketStateRecord {
  readonly days: number;
  readonly symbols: number;
  /** True where the next run goes on. */
  readonly more: boolean;
}

/**
 * Once a day, for each base asset: sums up the days that are not stored yet, as far as their minutes are kept, and correlates
 * the flow with the market over the last 14.
 */
export async function marketState(db: D1Database, config: Config, scheduledTime: number): Promise<MarketStateRecord> {
  const last = floorTo(scheduledTime - STORED_MS, DAY_MS) - DAY_MS;
  if (((await jobProgress(db, JOB)) ?? -1) >= last) return { days: 0, symbols: 0, more: false };
  const symbols = await busiestSymbols(db, config, { start: last, end: last + DAY_MS });
  const missing = await missingDays(db, symbols, last, scheduledTime);
  const days = missing.slice(0, MAX_DAYS);
  for (const day of days) await saveMarketDay(db, config, day);
  if (days.length > 0) return { days: days.length, symbols: 0, more: true };
  const done = await correlatedSymbols(db, symbols, last);
  const due = symbols.filter((symbol) => !done.has(symbol));
  for (const symbol of due.slice(0, MAX_CORRELATED)) await correlate(db, symbol, last, scheduledTime);
  const more = due.length > MAX_CORRELATED;
  if (!more) {
    await forget(db, last);
    await saveJobProgress(db, JOB, last);
  }
  return { days: 0, symbols: Math.min(due.length, MAX_CORRELATED), more };
}

/** The days that are not stored, whose minutes are all kept yet. */
async function missingDays(db: D1Database, symbols: readonly string[], last: number, now: number): Promise<readonly SymbolDay[]> {
  const wanted = daysUntil(last).filter((day) => day >= now + HOUR_MS - MINUTES_KEPT_MS);
  const stored = await storedMarketDays(db, symbols, wanted[0] ?? last);
  const known = new Set(stored.map(({ symbol, day }) => `${symbol} ${day}`));
  return symbols.flatMap((symbol) => wanted.filter((day) => !known.has(`${symbol} ${day}`)).map((day) => ({ symbol, day })));
}

function daysUntil(last: number): readonly number[] {
  return Array.from({ length: CORRELATED_DAYS }, (_, index) => last - (CORRELATED_DAYS - 1 - index) * DAY_MS);
}

async function correlate(db: D1Database, symbol: string, last: number, now: number): Promise<void> {
  const days = daysUntil(last);
  const correlations = correlationsOf(await readMarketDays(db, symbol, days), last / DAY_MS);
  const range = { from_time: days[0] ?? last, to_time: last + DAY_MS };
  await saveCorrelations(db, symbol, { ...range, computed_time: now, correlations });
}

async function forget(db: D1Database, last: number): Promise<void> {
  const before = last - CORRELATED_DAYS * DAY_MS;
  await db.batch([
    db.prepare("DELETE FROM market_days WHERE day < ?1").bind(before),
    db.prepare("DELETE FROM market_correlations WHERE day < ?1").bind(before),
  ]);
}
