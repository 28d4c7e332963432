import { utcDate } from "../../src/batch-object.ts";
import type { Config } from "../../src/config.ts";
import { rawDatePrefix } from "../../src/raw-frames/raw-files.ts";
import { DAY_MS, HOUR_MS, floorTo } from "../../src/windows/calendar.ts";
import { jobProgress, saveJobProgress } from "../d1/job-progress.ts";
import type { Env } from "../env.ts";
import { deleteAll, listAll } from "../r2/bucket.ts";
import { rawDates } from "../r2/raw-files.ts";

const JOB = "raw_retention";
/** A Worker may make 1,000 requests per run; each date takes two. */
const MAX_DATES_PER_RUN = 50;

export interface RawRetentionRecord {
  readonly files_deleted: number;
  /** True where more dates wait for the next run. */
  readonly more: boolean;
}

/** Deletes the raw files of dates that are older than their retention, once per hour. */
export async function rawRetention(
  env: Pick<Env, "DB" | "BUCKET">,
  config: Pick<Config, "LIQUIDATION_RAW_RETENTION_DAYS">,
  scheduledTime: number,
): Promise<RawRetentionRecord> {
  const hour = floorTo(scheduledTime, HOUR_MS);
  if (((await jobProgress(env.DB, JOB)) ?? -1) >= hour) return { files_deleted: 0, more: false };
  const firstKept = utcDate(floorTo(scheduledTime, DAY_MS) - config.LIQUIDATION_RAW_RETENTION_DAYS * DAY_MS);
  const expired = (await rawDates(env.BUCKET)).filter((date) => date < firstKept);
  let deleted = 0;
  for (const date of expired.slice(0, MAX_DATES_PER_RUN)) {
    const keys = (await listAll(env.BUCKET, rawDatePrefix(date))).map(({ key }) => key);
    await deleteAll(env.BUCKET, keys);
    deleted += keys.length;
  }
  const more = expired.length > MAX_DATES_PER_RUN;
  if (!more) await saveJobProgress(env.DB, JOB, hour);
  return { files_deleted: deleted, more };
}
