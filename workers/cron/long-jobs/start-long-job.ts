import type { CronRun } from "../cron-job.ts";
import { type Lease, releaseLease, takeLease } from "../../d1/lease.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import type { LongJob } from "./long-jobs.ts";

/**
 * The lease of an instance, renewed with each of its steps: longer than a step with all its retries takes. Where the
 * platform loses an instance, another one is started after this time.
 */
export const LONG_JOB_LEASE_MS = 15 * MINUTE_MS;

export function leaseOf(job: LongJob["name"], holder: string): Lease {
  return { name: `long_job:${job}`, holder };
}

export type StartOutcome = { readonly due: false } | { readonly due: true; readonly started: string | null };

/** Starts an instance for a job that is due; `started` is null where one is at work. */
export async function startIfDue(job: LongJob, { env, scheduledTime }: CronRun): Promise<StartOutcome> {
  if (!(await job.isDue(env.DB, scheduledTime))) return { due: false };
  const holder = `${job.name}-${scheduledTime}-${crypto.randomUUID().slice(0, 8)}`;
  const lease = leaseOf(job.name, holder);
  if (!(await takeLease(env.DB, lease, LONG_JOB_LEASE_MS))) return { due: true, started: null };
  try {
    await env.JOB_WORKFLOW.create({ id: holder, params: { job: job.name, holder, scheduled_time: scheduledTime } });
  } catch (error) {
    await releaseLease(env.DB, lease);
    throw error;
  }
  return { due: true, started: holder };
}
