import type { Config } from "../../src/config.ts";
import type { Gap } from "../../src/gap.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { gapsOfWindow } from "../../src/windows/assemble-window.ts";
import { HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { STANDARD_WINDOWS } from "../../src/windows/window.ts";
import { coverageOf } from "../../src/exchanges/coverage.ts";
import { busiestSymbols } from "../d1/busiest-symbols.ts";
import { jobProgress, saveJobProgress } from "../d1/job-progress.ts";
import { addDeadLetters } from "../d1/dead-letters.ts";
import { type SymbolWindows, readWindows } from "../d1/window-reads.ts";
import { missingVariables, SupabaseOffError } from "../supabase/connection.ts";
import { type AnalyticsRow, writeAnalytics } from "../supabase/write-analytics.ts";

const JOB = "analytics";

/** Maximum number of minutes per run: each needs about ten D1 statements. */
const MAX_MINUTES = 5;
/** Minutes that were missed longer ago stay missing. */
const CATCH_UP_MS = 15 * MINUTE_MS;
/** The next minute writes again soon, so a Supabase that is down is not waited for. */
const TIMEOUT_MS = 5_000;

export type AnalyticsRecord =
  | { readonly off: string }
  /** `more`: missed minutes wait for the next run. */
  | {
      readonly minutes: number;
      /** Number of stored rows, and of rows that Supabase refuses for good. */
      readonly rows: number;
      readonly refused: number;
      readonly rows_read: number;
      readonly more: boolean;
    };

/**
 * Stores the window statistics of each minute, as `/v1/stats` returns them at the start of the minute. Up to 15 minutes
 * that were missed, because a run did not happen or Supabase was down, are caught up.
 */
export async function analytics(db: D1Database, config: Config, scheduledTime: number): Promise<AnalyticsRecord> {
  const missing = missingVariables(config);
  if (missing.length > 0) return { off: new SupabaseOffError(missing).message };
  const minute = floorTo(scheduledTime, MINUTE_MS);
  const due = dueMinutes(await jobProgress(db, JOB), minute);
  const minutes = due.slice(0, MAX_MINUTES);
  const last = minutes.at(-1);
  if (last === undefined) return { minutes: 0, rows: 0, refused: 0, rows_read: 0, more: false };
  const symbols = await busiestSymbols(db, config, { start: minute - HOUR_MS, end: minute });
  const rows: AnalyticsRow[] = [];
  let rowsRead = 0;
  for (const one of minutes) {
    const read = await readWindows(db, config, symbols, STANDARD_WINDOWS, one);
    rows.push(...read.symbolWindows.map((symbolWindow) => analyticsRow(config, symbolWindow, read.gaps)));
    rowsRead += read.rowsRead;
  }
  const refused = await writeAnalytics(config, rows, TIMEOUT_MS);
  await addDeadLetters(db, JOB, refused, scheduledTime);
  await saveJobProgress(db, JOB, last);
  const stored = { minutes: minutes.length, rows: rows.length - refused.length, refused: refused.length };
  return { ...stored, rows_read: rowsRead, more: due.length > minutes.length };
}

/** The minutes that are not stored yet, oldest first. */
function dueMinutes(done: number | null, minute: number): readonly number[] {
  const first = done === null ? minute : Math.max(done + MINUTE_MS, minute - CATCH_UP_MS);
  return Array.from({ length: Math.max(0, (minute - first) / MINUTE_MS + 1) }, (_, index) => first + index * MINUTE_MS);
}

function analyticsRow(config: Config, symbolWindow: SymbolWindows["symbolWindows"][number], gaps: readonly Gap[]): AnalyticsRow {
  return {
    minute: symbolWindow.as_of_time,
    symbol: symbolWindow.symbol,
    window: symbolWindow.window,
    window_start: symbolWindow.start_time,
    window_end: symbolWindow.end_time,
    ...symbolWindow.sides,
    coverage: coverageOf(
      config,
      EXCHANGES.filter((name) => symbolWindow.exchanges[name] !== undefined),
    ),
    gaps: gapsOfWindow(gaps, symbolWindow),
  };
}
