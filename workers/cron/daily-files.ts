import type { Config } from "../../src/config.ts";
import { DAILY_PREFIX, PLAN_PREFIX, includedKey, planDate, publishedDate } from "../../src/daily/daily-keys.ts";
import { utcDate } from "../../src/batch-object.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { deleteAll, listAll } from "../r2/bucket.ts";
import { checkDay } from "../daily/check-day.ts";
import { batchDates } from "../daily/day-contents.ts";
import { type Budget, STEP_BUDGETS, isSpent } from "../../src/work-budgets.ts";
import type { DayContext, JournalCounts } from "../daily/day-context.ts";
import { type PlanOutcome, workOnPlan } from "../daily/work-on-plan.ts";
import { addDeadLetters } from "../d1/dead-letters.ts";
import { underLease } from "../d1/lease.ts";
import { hasTotals } from "../d1/reported-rows.ts";
import { sum } from "../../src/daily/completeness.ts";
import { GROUP_ROWS } from "../../src/daily/plan.ts";
import { writeLog } from "../../src/log.ts";
import { jobProgress, saveJobProgress } from "../d1/job-progress.ts";
import type { Stores } from "../daily/stores.ts";
import { messageOf } from "../../src/message-of.ts";

const JOB = "daily_files";

/** Days are compared with their files once per hour, when the feeds have stored everything from before the hour. */
export const AFTER_THE_HOUR_MS = 5 * MINUTE_MS;

/** Longer than any run takes. */
const LEASE_MS = 15 * MINUTE_MS;

/** Encoded rows take about 170 bytes each. */
const HELD_ROWS = 2 * GROUP_ROWS;

/** Days whose batches may all be lost, but which the totals still know. */
const DAYS_WITHOUT_BATCHES = 2;

export interface DailyFilesRecord {
  /** Number of days compared with their files. */
  readonly checked: number;
  readonly planned: readonly string[];
  readonly published: readonly string[];
  /** Days whose first file waits for missing rows. */
  readonly held: readonly string[];
  /** Number of rows that the published and held days lack. */
  readonly missing_rows: number;
  readonly batches_deleted: number;
  readonly files_expired: number;
  /** True where a plan waits for the next run. */
  readonly more: boolean;
}

export type DailyFilesOutcome = DailyFilesRecord | { readonly skipped: "another run is at work" };

export interface DailyFilesOptions {
  readonly journals?: JournalCounts;
  readonly budget?: Readonly<Budget>;
  readonly heldRows?: number;
}

/**
 * Writes the file of each closed day, and writes it again if batches or impacts arrived later. Then it deletes the
 * batches, and the files that are older than their retention. A day that fails does not delay the others. Only one run
 * works at a time.
 */
export async function dailyFiles(
  env: Stores,
  config: Config,
  scheduledTime: number,
  { journals = noJournals, budget = STEP_BUDGETS.daily, heldRows = HELD_ROWS }: DailyFilesOptions = {},
): Promise<DailyFilesOutcome> {
  const day: DayContext = { env, config, journals, now: scheduledTime, heldRows };
  const record = await underLease(env.DB, JOB, LEASE_MS, () => runDays(day, { ...budget }));
  return record ?? { skipped: "another run is at work" };
}

function noJournals(): Promise<readonly never[]> {
  return Promise.resolve([]);
}

async function runDays(day: DayContext, budget: Budget): Promise<DailyFilesRecord> {
  const { env, now } = day;
  const errors: unknown[] = [];
  const hour = floorTo(now - AFTER_THE_HOUR_MS, HOUR_MS);
  const isDue = ((await jobProgress(env.DB, JOB)) ?? -1) < hour;
  const checks = isDue ? await checkDays(day, errors) : { checked: 0, planned: [], deleted: 0, expired: 0 };
  if (isDue) await saveJobProgress(env.DB, JOB, hour);
  const outcomes = new Map<string, PlanOutcome | null>((await plannedDates(env.BUCKET)).map((date) => [date, null]));
  for (const date of outcomes.keys()) {
    if (isSpent(budget)) break;
    try {
      outcomes.set(date, await finishDay(day, date, budget));
    } catch (error) {
      errors.push(new Error(`${date}: ${messageOf(error)}`, { cause: error }));
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, errors.map((error) => messageOf(error)).join("; "));
  const datesOf = (kind: PlanOutcome["kind"]) => [...outcomes].flatMap(([date, outcome]) => (outcome?.kind === kind ? [date] : []));
  const [published, held] = [datesOf("published"), datesOf("held")];
  return {
    checked: checks.checked,
    planned: checks.planned,
    published,
    held,
    missing_rows: sum([...outcomes.values()].map((outcome) => (outcome !== null && "missing_rows" in outcome ? outcome.missing_rows : 0))),
    batches_deleted: checks.deleted,
    files_expired: checks.expired,
    more: published.length + held.length < outcomes.size,
  };
}

/** Works on a day's plan, and on the next one where a batch was quarantined or lost rows were stored again. */
async function finishDay(day: DayContext, date: string, budget: Budget): Promise<PlanOutcome> {
  let outcome = await workOnPlan(day, date, budget);
  while (outcome.kind === "outdated") {
    const { kind } = await checkDay(day, date);
    if (kind !== "planned" || isSpent(budget)) return { kind: "unfinished" };
    outcome = await workOnPlan(day, date, budget);
  }
  if ("missing_rows" in outcome && outcome.missing_rows > 0) {
    const { kind, missing_rows } = outcome;
    writeLog("error", { event: "daily_rows_missing", date, outcome: kind, missing_rows });
    if (kind === "published" && outcome.missing_before !== missing_rows) {
      await addDeadLetters(day.env.DB, "daily_files", [{ record: date, reason: `its file lacks ${missing_rows} rows` }], day.now);
    }
  }
  return outcome;
}

async function checkDays(day: DayContext, errors: unknown[]) {
  const { env, config, now } = day;
  const planned: string[] = [];
  const withBatches = await batchDates(env.BUCKET);
  const busy = new Set(await plannedDates(env.BUCKET));
  const dates = new Set([...withBatches, ...(await countedDates(env.DB, now))]);
  const closed = [...dates].filter((date) => Date.parse(date) + DAY_MS + AFTER_THE_HOUR_MS <= now && !busy.has(date)).toSorted();
  let deleted = 0;
  for (const date of closed) {
    try {
      const outcome = await checkDay(day, date);
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

/** The latest closed days that the totals know of. */
async function countedDates(db: D1Database, now: number): Promise<readonly string[]> {
  const dates: string[] = [];
  for (let days = DAYS_WITHOUT_BATCHES; days > 0; days -= 1) {
    const start = floorTo(now, DAY_MS) - days * DAY_MS;
    if (await hasTotals(db, start)) dates.push(utcDate(start));
  }
  return dates;
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
