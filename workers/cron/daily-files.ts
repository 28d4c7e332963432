import type { Config } from "../../src/config.ts";
import { DAILY_PREFIX, PLAN_PREFIX, includedKey, planDate, publishedDate } from "../../src/daily/daily-keys.ts";
import { utcDate } from "../../src/batch-object.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { deleteAll, listAll } from "../r2/bucket.ts";
import { checkDay } from "../daily/check-day.ts";
import { batchDates } from "../daily/day-contents.ts";
import { type Budget, isSpent, workOnPlan } from "../daily/work-on-plan.ts";
import { jobProgress, saveJobProgress } from "../d1/job-progress.ts";
import type { Stores } from "../daily/stores.ts";
import { messageOf } from "../../src/message-of.ts";

const JOB = "daily_files";

/** Days are compared with their files once per hour, when the feeds have stored everything from before the hour. */
const AFTER_THE_HOUR_MS = 5 * MINUTE_MS;

/** The work of one run: well within a Worker's limits of requests and of 30 s of processor time. */
export const RUN_BUDGET: Readonly<Budget> = { objects: 500, rows: 100_000 };

export interface DailyFilesRecord {
  /** Number of days compared with their files. */
  readonly checked: number;
  readonly planned: readonly string[];
  readonly published: readonly string[];
  readonly batches_deleted: number;
  readonly files_expired: number;
  /** True where a plan waits for the next run. */
  readonly more: boolean;
}

/**
 * Writes the file of each closed day, and writes it again if batches or impacts arrived later. Then it deletes the
 * batches, and the files that are older than their retention. A day that fails does not delay the others.
 */
export async function dailyFiles(
  env: Stores,
  config: Config,
  scheduledTime: number,
  runBudget: Readonly<Budget> = RUN_BUDGET,
): Promise<DailyFilesRecord> {
  const budget = { ...runBudget };
  const errors: unknown[] = [];
  const hour = floorTo(scheduledTime - AFTER_THE_HOUR_MS, HOUR_MS);
  const isDue = ((await jobProgress(env.DB, JOB)) ?? -1) < hour;
  const checks = isDue ? await checkDays(env, config, scheduledTime, errors) : { checked: 0, planned: [], deleted: 0, expired: 0 };
  if (isDue) await saveJobProgress(env.DB, JOB, hour);
  const waiting = await plannedDates(env.BUCKET);
  const published: string[] = [];
  for (const date of waiting) {
    if (isSpent(budget)) break;
    try {
      if (await workOnPlan(env, date, budget)) published.push(date);
    } catch (error) {
      errors.push(new Error(`${date}: ${messageOf(error)}`, { cause: error }));
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, errors.map((error) => messageOf(error)).join("; "));
  return {
    checked: checks.checked,
    planned: checks.planned,
    published,
    batches_deleted: checks.deleted,
    files_expired: checks.expired,
    more: published.length < waiting.length,
  };
}

async function checkDays(env: Stores, config: Config, now: number, errors: unknown[]) {
  const planned: string[] = [];
  const withBatches = await batchDates(env.BUCKET);
  const busy = new Set(await plannedDates(env.BUCKET));
  const closed = withBatches.filter((date) => Date.parse(date) + DAY_MS + AFTER_THE_HOUR_MS <= now && !busy.has(date));
  let deleted = 0;
  for (const date of closed) {
    try {
      const outcome = await checkDay(env, date, config.LIQUIDATION_LOCAL_RETENTION_HOURS * HOUR_MS, now);
      if (outcome.kind === "planned") planned.push(date);
      else deleted += outcome.deleted;
    } catch (error) {
      errors.push(error);
    }
  }
  // A day with batches is not finished: its file would only be written again.
  const expired = await expire(env.BUCKET, config, now, new Set([...withBatches, ...busy]));
  return { checked: closed.length, planned, deleted, expired };
}

async function plannedDates(bucket: R2Bucket): Promise<readonly string[]> {
  return (await listAll(bucket, PLAN_PREFIX)).flatMap(({ key }) => planDate(key) ?? []);
}

/** @returns the days with a deleted file and manifest */
async function expire(bucket: R2Bucket, config: Config, now: number, held: ReadonlySet<string>): Promise<number> {
  const days = config.LIQUIDATION_DAILY_RETENTION_DAYS;
  if (days === 0) return 0;
  const firstKept = utcDate(floorTo(now, DAY_MS) - days * DAY_MS);
  const old = (await listAll(bucket, DAILY_PREFIX)).filter(({ key }) => {
    const date = publishedDate(key);
    return date !== null && date < firstKept && !held.has(date);
  });
  const dates = new Set(old.flatMap(({ key }) => publishedDate(key) ?? []));
  await deleteAll(bucket, [...old.map(({ key }) => key), ...Array.from(dates, includedKey)]);
  return dates.size;
}
