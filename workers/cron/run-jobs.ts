import { configOf } from "../../src/config.ts";
import { writeLog } from "../../src/log.ts";
import { LONG_JOB_NAMES } from "../../src/long-job-run.ts";
import { messageOf } from "../../src/message-of.ts";
import { within } from "../../src/within.ts";
import { HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { type JobOutcome, addJobRuns, forgetOtherJobs } from "../d1/job-runs.ts";
import { heldLeases, releaseLease, takeLease, underLease } from "../d1/lease.ts";
import type { Env } from "../env.ts";
import { feedStatuses } from "../feeds.ts";
import { type CronJob, type CronRun, runJob } from "./cron-job.ts";
import { MINUTE_JOBS, UPKEEP_JOBS } from "./jobs.ts";

/** No upkeep job begins later than this after the first one, ms: the next run goes on. */
const UPKEEP_MS = 40_000;
/** Longer than upkeep can take; a run that was killed keeps the next ones from it for no longer. */
const UPKEEP_LEASE_MS = 2 * MINUTE_MS;
/** How long the end of a run waits for jobs that it went on without, ms. The platform allows a run 15 minutes. */
const LATE_MS = 5 * MINUTE_MS;
/** An upkeep job that a run went on without has a lease of its own, which lasts longer than the run can. */
const LATE_LEASE = "late:";
const LATE_LEASE_MS = LATE_MS + MINUTE_MS;

export interface CronJobs {
  readonly minute: readonly CronJob[];
  readonly upkeep: readonly CronJob[];
}

/**
 * Runs the jobs of a minute: first those that the minute is for, then upkeep, unless another run is still at that, and
 * except the upkeep that another run went on without and still waits for. Jobs that are long are only started here. Never
 * throws, unless the configuration is invalid.
 */
export async function runJobs(
  env: Env,
  scheduledTime: number,
  { minute, upkeep }: CronJobs = { minute: MINUTE_JOBS, upkeep: UPKEEP_JOBS },
): Promise<void> {
  const config = configOf(env);
  const run: CronRun = { env, config, scheduledTime, feeds: await feedStatuses(env, config) };
  /** The ends of the jobs that the run went on without, while they work. */
  const late = new Map<string, Promise<unknown>>();
  const ends: Promise<unknown>[] = [];
  const wentOnWithout = (name: string, end: Promise<unknown>): void => {
    const ended = end.finally(() => late.delete(name));
    late.set(name, ended);
    ends.push(ended);
  };
  const all = async (jobs: readonly CronJob[], untilTime = Number.POSITIVE_INFINITY): Promise<void> => {
    const outcomes: JobOutcome[] = [];
    for (const job of jobs) {
      if (Date.now() >= untilTime) break;
      outcomes.push(await runJob(job, run, (end) => wentOnWithout(job.name, end)));
    }
    await note(env.DB, outcomes, scheduledTime);
  };
  await all(minute);
  try {
    const work = async (): Promise<true> => {
      const held = await heldLeases(env.DB, LATE_LEASE);
      const free = rotated(upkeep, scheduledTime).filter(({ name }) => !held.has(LATE_LEASE + name));
      await all(free, Date.now() + UPKEEP_MS);
      for (const { name } of free) {
        const end = late.get(name);
        if (end !== undefined) ends.push((await keepAlone(env.DB, name, end)).over);
      }
      const names = [...minute, ...upkeep].map(({ name }) => name);
      if (isFullHour(scheduledTime)) await forgetOtherJobs(env.DB, [...names, ...LONG_JOB_NAMES]);
      return true;
    };
    if ((await underLease(env.DB, "upkeep", UPKEEP_LEASE_MS, work)) === null)
      writeLog("info", { event: "upkeep_skipped", scheduled_time: scheduledTime, reason: "another run is at work" });
  } catch (error) {
    writeLog("error", { event: "upkeep_failed", scheduled_time: scheduledTime, error: messageOf(error) });
  }
  if (ends.length > 0) await within(LATE_MS, () => Promise.all(ends)).catch(() => null);
}

/** Keeps the next runs from an upkeep job until its end. @returns once they are kept from it, with when that is over */
async function keepAlone(db: D1Database, job: string, end: Promise<unknown>): Promise<{ readonly over: Promise<void> }> {
  const lease = { name: LATE_LEASE + job, holder: crypto.randomUUID() };
  await takeLease(db, lease, LATE_LEASE_MS);
  // A lease that cannot be released runs out.
  return { over: end.then(() => releaseLease(db, lease)).catch(() => undefined) };
}

/** What is not noted is in the log. */
async function note(db: D1Database, outcomes: readonly JobOutcome[], scheduledTime: number): Promise<void> {
  try {
    await addJobRuns(db, outcomes, scheduledTime);
  } catch (error) {
    writeLog("error", { event: "job_runs_not_noted", scheduled_time: scheduledTime, error: messageOf(error) });
  }
}

function isFullHour(scheduledTime: number): boolean {
  return floorTo(scheduledTime, MINUTE_MS) === floorTo(scheduledTime, HOUR_MS);
}

/** Every run begins one job further: where one uses up the time of all, or gets the run killed, each still has its turn. */
function rotated(jobs: readonly CronJob[], scheduledTime: number): readonly CronJob[] {
  const first = Math.floor(scheduledTime / MINUTE_MS) % Math.max(1, jobs.length);
  return [...jobs.slice(first), ...jobs.slice(0, first)];
}
