import type { Config } from "../../src/config.ts";
import { writeLog } from "../../src/log.ts";
import { messageOf } from "../../src/message-of.ts";
import { within } from "../../src/within.ts";
import type { JobOutcome } from "../d1/job-runs.ts";
import { withRowMeter } from "../d1/row-meter.ts";
import type { Env } from "../env.ts";
import type { FeedReport } from "../feeds.ts";

/** What the jobs of a run share. */
export interface CronRun {
  readonly env: Env;
  readonly config: Config;
  /** ms */
  readonly scheduledTime: number;
  /** The feeds as the run found them. */
  readonly feeds: readonly FeedReport[];
}

/** A part of a run. It depends only on the scheduled minute and is idempotent: runs may come late, twice or not at all. */
export interface CronJob {
  readonly name: string;
  /** The run goes on without the job after this time, ms. Default: `JOB_PATIENCE_MS`. */
  readonly patienceMs?: number;
  /** @returns what it did, for the log */
  readonly run: (run: CronRun) => object | Promise<object>;
}

/** Longer than any job takes while its stores respond. */
export const JOB_PATIENCE_MS = 20_000;

/**
 * Runs a job and logs its outcome. A job that fails, or takes longer than its patience, stops no other. Its end is then
 * passed to `late`, for the run to wait for: the platform stops what nobody waits for. Never throws.
 */
export async function runJob(job: CronJob, run: CronRun, late: (end: Promise<unknown>) => void): Promise<JobOutcome> {
  const { name: job_name, patienceMs = JOB_PATIENCE_MS } = job;
  const { scheduledTime } = run;
  const started = Date.now();
  const { env, meter } = withRowMeter(run.env);
  const outcome = (error: string | null): JobOutcome => ({ job: job_name, ms: Date.now() - started, error, ...meter.counts });
  const work = async (): Promise<void> => {
    const record = await job.run({ ...run, env });
    const { ms } = outcome(null);
    writeLog("info", { event: "job", job: job_name, scheduled_time: scheduledTime, ms, ...meter.counts, ...record });
  };
  const logged = work();
  try {
    await within(patienceMs, () => logged, "not done");
    return outcome(null);
  } catch (error) {
    late(logged.catch(() => null));
    const failed = outcome(messageOf(error));
    writeLog("error", { event: "job_failed", scheduled_time: scheduledTime, ...failed });
    return failed;
  }
}
