import type { Config } from "../../../src/config.ts";
import { writeLog } from "../../../src/log.ts";
import type { LongJobRun } from "../../../src/long-job-run.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import { messageOf } from "../../../src/message-of.ts";
import { addJobRuns } from "../../d1/job-runs.ts";
import { releaseLease, renewLease } from "../../d1/lease.ts";
import { withRowMeter } from "../../d1/row-meter.ts";
import type { Env } from "../../env.ts";
import { storeUsage } from "../../usage/platform-usage.ts";
import { LONG_JOBS, type LongJob } from "./long-jobs.ts";
import { LONG_JOB_LEASE_MS, leaseOf } from "./start-long-job.ts";

/** A job that failed in all its retries is tried again after this time. */
const FAILED_PAUSE_MS = 2 * MINUTE_MS;

/** `superseded`: the lease was over, and another instance has it. */
export type LongJobPart = "more" | "done" | "superseded";

function jobOf(name: LongJobRun["job"]): LongJob {
  const job = LONG_JOBS.find((one) => one.name === name);
  if (job === undefined) throw new Error(`${name} is not a long job; allowed: ${LONG_JOBS.map((one) => one.name).join(", ")}`);
  return job;
}

/** Does the next step of a long job. Whoever does not hold its lease does nothing. */
export async function runLongJobPart(
  plainEnv: Env,
  config: Config,
  { job: name, holder, scheduled_time }: LongJobRun,
  now = Date.now(),
): Promise<LongJobPart> {
  const job = jobOf(name);
  const lease = leaseOf(name, holder);
  const { env, meter } = withRowMeter(plainEnv);
  if (!(await renewLease(env.DB, lease, LONG_JOB_LEASE_MS))) return "superseded";
  const started = Date.now();
  const noteRun = (error: string | null): Promise<void> =>
    addJobRuns(plainEnv.DB, [{ job: name, ms: Date.now() - started, error, ...meter.counts }], scheduled_time);
  const { more, record } = await job.step(env, config, now).catch(async (error: unknown) => {
    await noteRun(messageOf(error));
    throw error;
  });
  await noteRun(null);
  await storeUsage(plainEnv.DB, Date.now(), 0);
  writeLog("info", { event: "long_job", job: name, scheduled_time, ms: Date.now() - started, ...record, ...meter.counts });
  if (more) return "more";
  await job.done(env.DB, scheduled_time);
  await releaseLease(env.DB, lease);
  return "done";
}

/** After all retries of a step: the job is started again soon, and not at once. */
export async function pauseLongJob(env: Pick<Env, "DB">, { job, holder }: LongJobRun): Promise<void> {
  await renewLease(env.DB, leaseOf(job, holder), FAILED_PAUSE_MS);
}
