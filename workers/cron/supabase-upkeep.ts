import type { Config } from "../../src/config.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { jobProgress, saveJobProgress } from "../d1/job-progress.ts";
import { missingVariables, SupabaseOffError } from "../supabase/connection.ts";
import { applyRetention, maintainPartitions } from "../supabase/upkeep.ts";

const JOB = "supabase_upkeep";

/**
 * Attempts run at :07, :17 and so on until one of the day succeeds. A call ends after 2 min, so two attempts never
 * overlap.
 */
const EVERY_MS = 10 * MINUTE_MS;
const AT_MS = 7 * MINUTE_MS;

export type UpkeepRecord =
  | { readonly off: string }
  | { readonly due: false }
  /** `removed` is null where everything is kept. */
  | { readonly due: true; readonly partitions: number; readonly removed: { readonly events: number; readonly analytics: number } | null };

/**
 * Once per UTC day: creates the partitions of the coming months and deletes rows older than
 * LIQUIDATION_SUPABASE_RETENTION_DAYS.
 */
export async function supabaseUpkeep(db: D1Database, config: Config, scheduledTime: number): Promise<UpkeepRecord> {
  const missing = missingVariables(config);
  if (missing.length > 0) return { off: new SupabaseOffError(missing).message };
  const day = floorTo(scheduledTime, DAY_MS);
  const isAttempt = floorTo(scheduledTime % HOUR_MS, MINUTE_MS) % EVERY_MS === AT_MS;
  if (!isAttempt || ((await jobProgress(db, JOB)) ?? 0) >= day) return { due: false };
  const keepDays = config.LIQUIDATION_SUPABASE_RETENTION_DAYS;
  const partitions = await maintainPartitions(config);
  const removed = keepDays === 0 ? null : await applyRetention(config, keepDays);
  await saveJobProgress(db, JOB, day);
  return { due: true, partitions, removed };
}
