import type { Config } from "../../src/config.ts";
import { HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { sideStatistics } from "../../src/windows/window-statistics.ts";
import type { WindowName } from "../../src/windows/window.ts";
import { coverageOf } from "../api/coverage.ts";
import { jobProgress, saveJobProgress } from "../d1/job-progress.ts";
import { readWindow } from "../d1/window-reads.ts";
import { missingVariables, SupabaseOffError } from "../supabase/connection.ts";
import { SupabaseError } from "../supabase/problem.ts";
import { type AnalyticsRow, writeAnalytics } from "../supabase/write-analytics.ts";

const JOB = "analytics";
const NAMES: readonly WindowName[] = ["15m", "1h", "4h", "24h"];

/** Older minutes that were missed stay missing. */
const CATCH_UP_MS = 15 * MINUTE_MS;
/** A reading is four statements of D1, which allows 1000 to one run of the Worker; the other jobs need some as well. */
const MOST_READINGS = 60;
/** Where every base asset is collected, those with the most liquidated in the last hour have rows. */
const MOST_SYMBOLS = 25;
/** The next minute's rows come soon: an archive that is down is not waited for. */
const TIMEOUT_MS = 5_000;

const BUSIEST = `
  SELECT symbol FROM minute_totals WHERE minute >= ?1 AND minute < ?2
  GROUP BY symbol ORDER BY sum(usd) DESC, symbol LIMIT ${MOST_SYMBOLS}`;

export type AnalyticsRecord =
  | { readonly off: string }
  /** `more`: minutes that were missed wait for the next run. */
  | { readonly minutes: number; readonly rows: number; readonly more: boolean };

/**
 * Stores each minute's rolling statistics, as `/v1/stats` gives them in that minute: what is known when the minute
 * begins. Minutes that were missed, by a run that did not come or while Supabase was down, are made up for, up to 15.
 */
export async function analytics(db: D1Database, config: Config, scheduledTime: number): Promise<AnalyticsRecord> {
  const missing = missingVariables(config);
  if (missing.length > 0) return { off: new SupabaseOffError(missing).message };
  const minute = floorTo(scheduledTime, MINUTE_MS);
  const symbols = await symbolsOf(db, config, minute);
  const due = dueMinutes(await jobProgress(db, JOB), minute, Math.floor(MOST_READINGS / (symbols.length * NAMES.length)));
  const last = due.minutes.at(-1);
  if (last === undefined) return { minutes: 0, rows: 0, more: false };
  const rows: AnalyticsRow[] = [];
  for (const one of due.minutes) rows.push(...(await minuteRows(db, config, symbols, one)));
  try {
    await writeAnalytics(config, rows, TIMEOUT_MS);
  } catch (error) {
    // The other rows are stored, and the refused one would be refused again.
    if (error instanceof SupabaseError && error.kind === "row") await saveJobProgress(db, JOB, last);
    throw error;
  }
  await saveJobProgress(db, JOB, last);
  return { minutes: due.minutes.length, rows: rows.length, more: due.more };
}

/** The minutes to store now, oldest first. Where a run can afford one only, that is the newest, or it would lag for ever. */
function dueMinutes(done: number | null, minute: number, affordable: number): { readonly minutes: readonly number[]; readonly more: boolean } {
  if (done !== null && done >= minute) return { minutes: [], more: false };
  if (done === null || affordable < 2) return { minutes: [minute], more: false };
  const first = Math.max(done + MINUTE_MS, minute - CATCH_UP_MS);
  const all = Array.from({ length: (minute - first) / MINUTE_MS + 1 }, (_, index) => first + index * MINUTE_MS);
  return { minutes: all.slice(0, affordable), more: all.length > affordable };
}

async function symbolsOf(db: D1Database, config: Config, minute: number): Promise<readonly string[]> {
  if (config.LIQUIDATION_SYMBOLS !== "*") return [...config.LIQUIDATION_SYMBOLS];
  const { results } = await db.prepare(BUSIEST).bind(minute - HOUR_MS, minute).all<{ symbol: string }>();
  return results.map((row) => row.symbol);
}

function minuteRows(db: D1Database, config: Config, symbols: readonly string[], minute: number): Promise<readonly AnalyticsRow[]> {
  const wanted = symbols.flatMap((symbol) => NAMES.map((window) => ({ symbol, window })));
  return Promise.all(wanted.map(({ symbol, window }) => analyticsRow(db, config, symbol, window, minute)));
}

async function analyticsRow(db: D1Database, config: Config, symbol: string, window: WindowName, minute: number): Promise<AnalyticsRow> {
  const { current, totals, gaps } = await readWindow(db, symbol, window, minute, config.LIQUIDATION_EXCHANGES);
  const present = [...totals.current, ...totals.previous].map((row) => row.exchange);
  return {
    minute,
    symbol,
    window,
    window_start: current.start,
    window_end: current.end,
    ...sideStatistics(totals),
    coverage: coverageOf(config, present),
    gaps,
  };
}
