import { utcDate } from "../../src/batch-object.ts";
import type { Config } from "../../src/config.ts";
import { MARKS_PREFIX, MARK_PLAN_PREFIX, markPlanDate, publishedMarkDate } from "../../src/daily/mark-keys.ts";
import { messageOf } from "../../src/message-of.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { MINUTES_KEPT_MS } from "../../src/windows/kept.ts";
import { jobProgress, saveJobProgress } from "../d1/job-progress.ts";
import { underLease } from "../d1/lease.ts";
import { closedDays, forgetDays, openDays } from "../d1/mark-days.ts";
import { type Budget, STEP_BUDGETS, isSpent } from "../../src/work-budgets.ts";
import type { DayContext } from "../daily/day-context.ts";
import { checkMarkDay } from "../daily/marks/check-mark-day.ts";
import { workOnMarkPlan } from "../daily/marks/work-on-mark-plan.ts";
import { AFTER_THE_HOUR_MS } from "./daily-files.ts";
import type { Stores } from "../daily/stores.ts";
import { deleteAll, listAll } from "../r2/bucket.ts";

const JOB = "mark_files";

/** Longer than any run takes. */
const LEASE_MS = 15 * MINUTE_MS;

export interface MarkFilesRecord {
  /** Number of days compared with their files. */
  readonly checked: number;
  readonly planned: readonly string[];
  readonly published: readonly string[];
  /** Days whose file was read back, so that D1 may delete their marks. */
  readonly verified: readonly string[];
  /** Number of expected minutes that the published days lack. */
  readonly missing_minutes: number;
  readonly files_expired: number;
  /** True where a plan waits for the next run. */
  readonly more: boolean;
}

export type MarkFilesOutcome = MarkFilesRecord | { readonly skipped: "another run is at work" };

/**
 * Writes the file of each closed day of minute marks, also of one without any, and writes it again if marks arrived
 * later. A day that fails does not delay the others. Only one run works at a time.
 */
export async function markFiles(
  env: Stores,
  config: Config,
  scheduledTime: number,
  budget: Readonly<Budget> = STEP_BUDGETS.marks,
): Promise<MarkFilesOutcome> {
  const day: DayContext = { env, config, journals: () => Promise.resolve([]), now: scheduledTime, heldRows: 0 };
  const record = await underLease(env.DB, JOB, LEASE_MS, () => runDays(day, { ...budget }));
  return record ?? { skipped: "another run is at work" };
}

async function runDays(day: DayContext, budget: Budget): Promise<MarkFilesRecord> {
  const { env, now } = day;
  const errors: unknown[] = [];
  const attempt = async <Result>(date: string, run: () => Promise<Result>): Promise<Result | null> => {
    try {
      return await run();
    } catch (error) {
      errors.push(new Error(`${date}: ${messageOf(error)}`, { cause: error }));
      return null;
    }
  };
  const hour = floorTo(now - AFTER_THE_HOUR_MS, HOUR_MS);
  const isDue = ((await jobProgress(env.DB, JOB)) ?? -1) < hour;
  const checks = isDue ? await checkDays(day, attempt) : { checked: 0, planned: [], verified: [], expired: 0 };
  if (isDue) await saveJobProgress(env.DB, JOB, hour);
  const published: string[] = [];
  let missing = 0;
  const dates = await plannedDates(env.BUCKET);
  for (const date of dates) {
    if (isSpent(budget)) break;
    const manifest = await attempt(date, () => workOnMarkPlan(day, date, budget));
    if (manifest === null) continue;
    published.push(date);
    missing += manifest.minutes_missing;
  }
  if (errors.length > 0) throw new AggregateError(errors, errors.map((error) => messageOf(error)).join("; "));
  const { checked, planned, verified, expired } = checks;
  const more = published.length < dates.length;
  return { checked, planned, published, verified, missing_minutes: missing, files_expired: expired, more };
}

type Attempt = <Result>(date: string, run: () => Promise<Result>) => Promise<Result | null>;

async function checkDays(day: DayContext, attempt: Attempt) {
  const { env, now } = day;
  await openDays(env.DB, floorTo(now, DAY_MS));
  await forgetDays(env.DB, now - MINUTES_KEPT_MS);
  const planned: string[] = [];
  const verified: string[] = [];
  const days = await closedDays(env.DB, now - AFTER_THE_HOUR_MS);
  const busy = new Set(await plannedDates(env.BUCKET));
  for (const one of days) {
    const date = utcDate(one.day);
    // A plan that was interrupted may have written a file without its manifest yet.
    if (busy.has(date)) continue;
    const outcome = await attempt(date, () => checkMarkDay(day, one));
    if (outcome === "planned") planned.push(date);
    if (outcome === "verified") verified.push(date);
  }
  const expired = await expire(day, new Set([...busy, ...days.map((one) => utcDate(one.day))]));
  return { checked: days.length, planned, verified, expired };
}

async function plannedDates(bucket: R2Bucket): Promise<readonly string[]> {
  return (await listAll(bucket, MARK_PLAN_PREFIX)).flatMap(({ key }) => markPlanDate(key) ?? []);
}

/**
 * Deletes files that are older than their retention, except of days whose marks D1 still has.
 * @returns the number of days with a deleted file
 */
async function expire({ env, config, now }: DayContext, held: ReadonlySet<string>): Promise<number> {
  const days = config.LIQUIDATION_DAILY_RETENTION_DAYS;
  if (days === 0) return 0;
  const firstKept = utcDate(floorTo(now, DAY_MS) - days * DAY_MS);
  const old = (await listAll(env.BUCKET, MARKS_PREFIX)).filter(({ key }) => {
    const date = publishedMarkDate(key);
    return date !== null && date < firstKept && !held.has(date);
  });
  await deleteAll(
    env.BUCKET,
    old.map(({ key }) => key),
  );
  return new Set(old.map(({ key }) => publishedMarkDate(key))).size;
}
