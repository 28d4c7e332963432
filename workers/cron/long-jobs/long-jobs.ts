import type { Config } from "../../../src/config.ts";
import { DAY_MS, HOUR_MS, floorTo } from "../../../src/windows/calendar.ts";
import type { LongJobName } from "../../../src/long-job-run.ts";
import { contagionEnd, fitNext } from "../../contagion/fit-next.ts";
import { jobProgress, saveJobProgress } from "../../d1/job-progress.ts";
import { openRefills } from "../../d1/store-refills.ts";
import type { Env } from "../../env.ts";
import { journalCounts } from "../../feeds.ts";
import { dueGrades } from "../../signals/grade-rows.ts";
import { AFTER_THE_HOUR_MS, dailyFiles } from "../daily-files.ts";
import { fitEstimatesStep } from "../estimate-fit.ts";
import { grades } from "../grades.ts";
import { markFiles } from "../mark-files.ts";
import { refills } from "../refills.ts";

/** A job that may take longer than a cron run has: steps of a Workflow of its own do it, each within the limits. */
export interface LongJob {
  readonly name: LongJobName;
  /** Whether there is work at this minute, ms; asked each minute, so it costs a row or two. */
  readonly isDue: (db: D1Database, scheduledTime: number) => Promise<boolean>;
  /** Does a step's worth of work. A step that is cut off is repeated. @returns whether more is left, and what it did */
  readonly step: (env: Env, config: Config, now: number) => Promise<{ readonly more: boolean; readonly record: object }>;
  /** Notes that the work of a minute, ms, is done. */
  readonly done: (db: D1Database, scheduledTime: number) => Promise<void>;
}

/** More due grades than the runs of the minute catch up with soon. */
const GRADE_BACKLOG = 100;
/** The lease of a step that was killed may still be held. */
const BUSY = "another run is at work";

/** When the daily files were looked after last, also those that failed, ms. */
const LOOKED_AT_DAYS = "looked:daily_files";
const hourOf = (time: number): number => floorTo(time - AFTER_THE_HOUR_MS, HOUR_MS);

/** A job of each hour. */
function hourly(name: "daily_files" | "mark_files", step: LongJob["step"]): LongJob {
  const progress = `run:${name}`;
  return {
    name,
    isDue: async (db, scheduledTime) => ((await jobProgress(db, progress)) ?? -1) < hourOf(scheduledTime),
    step,
    done: (db, scheduledTime) => saveJobProgress(db, progress, hourOf(scheduledTime)),
  };
}

/**
 * A job that reads the daily files of the days before one: once for each, when their files were looked after since it began.
 * @param dayOf the day that is due at a time, ms
 */
function daily(name: "estimate_fit" | "contagion", dayOf: (time: number) => number, step: LongJob["step"]): LongJob {
  const progress = `run:${name}`;
  return {
    name,
    isDue: async (db, scheduledTime) => {
      const day = dayOf(scheduledTime);
      return ((await jobProgress(db, progress)) ?? -1) < day && ((await jobProgress(db, LOOKED_AT_DAYS)) ?? -1) >= day;
    },
    step,
    done: (db, scheduledTime) => saveJobProgress(db, progress, dayOf(scheduledTime)),
  };
}

/** The file of a day is written within these hours, unless rows are missing: the fit then takes the days before it. */
const AFTER_THE_DAY_MS = 3 * HOUR_MS;
const fitDayOf = (time: number): number => floorTo(time - AFTER_THE_DAY_MS, DAY_MS);

const nothingToNote = (): Promise<void> => Promise.resolve();

export const LONG_JOBS: readonly LongJob[] = [
  hourly("daily_files", async (env, config, now) => {
    const noteLook = () => saveJobProgress(env.DB, LOOKED_AT_DAYS, now);
    const options = { journals: (date: string) => journalCounts(env, config, date) };
    const record = await dailyFiles(env, config, now, options).catch(async (error: unknown) => {
      await noteLook();
      throw error;
    });
    if ("skipped" in record) throw new Error(BUSY);
    if (!record.more) await noteLook();
    return { more: record.more, record };
  }),
  hourly("mark_files", async (env, config, now) => {
    const record = await markFiles(env, config, now);
    if ("skipped" in record) throw new Error(BUSY);
    return { more: record.more, record };
  }),
  {
    name: "refills",
    isDue: async (db) => (await openRefills(db)).length > 0,
    async step(env, config, now) {
      const record = await refills(env, config, now);
      return { more: record.open.length > 0, record };
    },
    done: nothingToNote,
  },
  {
    name: "grade_backlog",
    isDue: async (db, scheduledTime) => (await dueGrades(db, scheduledTime, GRADE_BACKLOG)).length === GRADE_BACKLOG,
    async step(env, config, now) {
      const record = await grades(env, config, now);
      // Grades that wait for their marks are not a backlog.
      return { more: record.graded + record.ungraded_cost + record.ungradable > 0, record };
    },
    done: nothingToNote,
  },
  daily("estimate_fit", fitDayOf, (env, _config, now) => fitEstimatesStep(env, now)),
  daily("contagion", contagionEnd, fitNext),
];
