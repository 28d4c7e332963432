import type { Config } from "../../src/config.ts";
import { DAY_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import type { Env } from "../env.ts";
import { forgetPlatformUsage } from "../usage/platform-usage.ts";
import { forgetUsage } from "../access/usage.ts";
import { expireExport, forgetExports, overdueExports, stalledExports } from "../exports/export-rows.ts";
import { abandonExport, deleteExportObjects } from "../exports/run-part.ts";
import { startExport } from "../exports/start-export.ts";

/** Longer than one part with all its retries takes. */
const STALLED_AFTER_MS = 15 * MINUTE_MS;
const MAX_STARTS = 5;
/** The rest waits for the next minute. */
const EXPIRED_PER_RUN = 20;

/** Retention of exports and of usage: a year and a month. */
const RECORDS_KEPT_MS = 400 * DAY_MS;

export interface ExportsRecord {
  readonly started: readonly string[];
  readonly given_up: readonly string[];
  readonly expired: readonly string[];
}

/**
 * Restarts exports that made no progress, for example because a restart lost their workflow, and deletes those that are
 * over.
 */
export async function watchExports(
  env: Pick<Env, "DB" | "BUCKET" | "EXPORT_WORKFLOW">,
  config: Config,
  scheduledTime: number,
): Promise<ExportsRecord> {
  const started: string[] = [];
  const givenUp: string[] = [];
  for (const { export_id: id, starts } of await stalledExports(env.DB, scheduledTime - STALLED_AFTER_MS)) {
    if (starts >= MAX_STARTS) {
      await abandonExport(
        env,
        config,
        { export_id: id, starts },
        `The export was started ${starts} times and never finished.`,
        scheduledTime,
      );
      givenUp.push(id);
    } else if (await startExport(env, id, scheduledTime)) started.push(id);
  }
  const expired = await overdueExports(env.DB, scheduledTime, EXPIRED_PER_RUN);
  for (const id of expired) {
    await deleteExportObjects(env.BUCKET, id);
    await expireExport(env.DB, id, scheduledTime);
  }
  await forgetExports(env.DB, scheduledTime - RECORDS_KEPT_MS);
  await forgetUsage(env.DB, scheduledTime - RECORDS_KEPT_MS);
  await forgetPlatformUsage(env.DB, scheduledTime);
  return { started, given_up: givenUp, expired };
}
