import type { Config } from "../../src/config.ts";
import type { Gap } from "../../src/gap.ts";
import type { Coverage, ExchangeName } from "../../src/liquidation.ts";
import type { SideStatistics, WindowStatistics } from "../../src/windows/window-statistics.ts";
import type { DeadLetter } from "../../src/dead-letters.ts";
import { SupabaseError, describeProblem } from "./problem.ts";
import { upsertRows } from "./upsert.ts";
import type { TableRow, UpsertTarget } from "./upsert.ts";

/** The statistics of one symbol, window and minute. Times in ms. */
export interface AnalyticsRow extends SideStatistics {
  readonly minute: number;
  readonly symbol: string;
  /** Name of the window, such as `15m`. */
  readonly window: string;
  readonly window_start: number;
  readonly window_end: number;
  readonly coverage: Readonly<Partial<Record<ExchangeName, Coverage>>>;
  readonly gaps: readonly Gap[];
}

const ANALYTICS: UpsertTarget = { table: "liquidation_analytics", key: "minute,symbol,window", keepStored: false };

/**
 * Stores the window statistics of a minute; repeating it replaces them.
 * @returns the rows that Supabase refuses for good
 * @throws {SupabaseOffError} where Supabase is not configured
 * @throws {SupabaseError} where the request fails
 */
export async function writeAnalytics(config: Config, rows: readonly AnalyticsRow[], timeoutMs?: number): Promise<readonly DeadLetter[]> {
  const { problem, refused } = await upsertRows(config, ANALYTICS, rows.map(toRow), timeoutMs);
  if (problem !== null) throw new SupabaseError(problem, ANALYTICS.table);
  return refused.map(({ row, problem: reason }) => ({
    record: [row["minute"], row["symbol"], row["window"]].join(" "),
    reason: describeProblem(reason, ANALYTICS.table),
  }));
}

function toRow({ minute, window_start, window_end, long, short, total, ...row }: AnalyticsRow): TableRow {
  return {
    ...row,
    minute: new Date(minute).toISOString(),
    window_start: new Date(window_start).toISOString(),
    window_end: new Date(window_end).toISOString(),
    ...prefixed("long", long),
    ...prefixed("short", short),
    ...prefixed("total", total),
  };
}

function prefixed(side: string, statistics: WindowStatistics): TableRow {
  return Object.fromEntries(Object.entries(statistics).map(([name, value]) => [`${side}_${name}`, value]));
}
