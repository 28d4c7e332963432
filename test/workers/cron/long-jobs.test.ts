import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { dailyManifestKey } from "../../../src/daily/daily-keys.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import type { CronRun } from "../../../workers/cron/cron-job.ts";
import { pauseLongJob, runLongJobPart } from "../../../workers/cron/long-jobs/long-job-part.ts";
import { LONG_JOBS, type LongJob } from "../../../workers/cron/long-jobs/long-jobs.ts";
import { leaseOf, startIfDue } from "../../../workers/cron/long-jobs/start-long-job.ts";
import { takeLease } from "../../../workers/d1/lease.ts";
import { r2Sink } from "../../../workers/sinks/r2.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { until } from "../until.ts";

const config = parseConfig({ ...env, LIQUIDATION_EXCHANGES: "okx" });
const CLOSED = DAY + DAY_MS + 5 * MINUTE_MS;

afterEach(async () => {
  vi.restoreAllMocks();
  await env.DB.batch(["leases", "job_progress"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

const jobOf = (name: LongJob["name"]): LongJob => {
  const job = LONG_JOBS.find((one) => one.name === name);
  if (job === undefined) throw new Error(name);
  return job;
};

/** A run with a Workflow that only notes the jobs it is to start. */
function noting(created: unknown[], create = (options: unknown) => void created.push(options)): CronRun {
  const workflow = { create: async (options: unknown) => create(options) } as unknown as typeof env.JOB_WORKFLOW;
  return { env: { ...env, JOB_WORKFLOW: workflow }, config, scheduledTime: CLOSED, feeds: [] };
}

const leases = async () => (await env.DB.prepare("SELECT name, holder FROM leases").all()).results;

test("a job that is due is started once, and not again while an instance is at work", async () => {
  const created: unknown[] = [];
  const job = jobOf("daily_files");
  const first = await startIfDue(job, noting(created));
  expect(first).toEqual({ due: true, started: expect.stringMatching(/^daily_files-\d+-/) });
  expect(await startIfDue(job, noting(created))).toEqual({ due: true, started: null });
  const { started } = first as { readonly started: string };
  expect(created).toEqual([{ id: started, params: { job: "daily_files", holder: started, scheduled_time: CLOSED } }]);
});

test("where the platform refuses an instance, the next minute tries again", async () => {
  const created: unknown[] = [];
  const refused = noting(created, () => {
    throw new Error("too many instances");
  });
  await expect(startIfDue(jobOf("daily_files"), refused)).rejects.toThrow("too many instances");
  expect(await startIfDue(jobOf("daily_files"), noting(created))).toMatchObject({ started: expect.any(String) });
});

test("jobs without work are not started", async () => {
  const created: unknown[] = [];
  for (const name of ["refills", "grade_backlog"] as const) expect(await startIfDue(jobOf(name), noting(created))).toEqual({ due: false });
  expect(created).toEqual([]);
});

/** Looks after the daily files. */
const look = (time: number, changes = {}) => jobOf("daily_files").step({ ...env, ...changes }, config, time);

test("what reads daily files waits until those of the day were looked after", async () => {
  const fits = ["estimate_fit", "contagion"].map((name) => jobOf(name as LongJob["name"]));
  const time = CLOSED + 4 * HOUR_MS;
  const due = async () => Promise.all(fits.map(({ isDue }) => isDue(env.DB, time)));
  expect(await due()).toEqual([false, false]);
  await look(CLOSED - DAY_MS);
  expect(await due()).toEqual([false, false]);
  // Days that fail keep nothing back.
  await expect(look(CLOSED, { BUCKET: null })).rejects.toThrow();
  expect(await due()).toEqual([true, true]);
  for (const { done } of fits) await done(env.DB, time);
  expect(await due()).toEqual([false, false]);
});

test("the Workflow makes the file of a closed day, and the job is not due again before the next hour", async () => {
  const rows = [1, 2].map((n) => sampleLiquidation({ event_id: `id${n}`, event_time: DAY + n * 1_000, received_time: DAY + n * 1_000 }));
  expect(await r2Sink.write(env, config, sampleBatch(rows))).toMatchObject({ kind: "stored" });
  const job = jobOf("daily_files");
  const run: CronRun = { env, config, scheduledTime: CLOSED, feeds: [] };
  expect(await startIfDue(job, run)).toMatchObject({ started: expect.any(String) });
  await until("the file", async () => (await env.BUCKET.head(dailyManifestKey("2026-11-20"))) !== null);
  await until("the end of the job", async () => (await leases()).length === 0);
  expect(await startIfDue(job, run)).toEqual({ due: false });
  expect(await job.isDue(env.DB, CLOSED + HOUR_MS)).toBe(true);
});

describe("an instance", () => {
  const run = { job: "grade_backlog", holder: "one", scheduled_time: CLOSED } as const;

  test("without the lease does nothing", async () => {
    expect(await runLongJobPart(env, config, run)).toBe("superseded");
    await takeLease(env.DB, leaseOf("grade_backlog", "another"), MINUTE_MS);
    expect(await runLongJobPart(env, config, run)).toBe("superseded");
    expect(await leases()).toEqual([{ name: "long_job:grade_backlog", holder: "another" }]);
  });

  test("that is done gives its lease back", async () => {
    await takeLease(env.DB, leaseOf("grade_backlog", "one"), MINUTE_MS);
    expect(await runLongJobPart(env, config, run)).toBe("done");
    expect(await leases()).toEqual([]);
  });

  test("that failed keeps the next one back for two minutes", async () => {
    await takeLease(env.DB, leaseOf("grade_backlog", "one"), 15 * MINUTE_MS);
    const before = Date.now();
    await pauseLongJob(env, run);
    const untilTime = (await env.DB.prepare("SELECT until_time FROM leases").first<number>("until_time")) ?? 0;
    expect(untilTime).toBeGreaterThanOrEqual(before + 2 * MINUTE_MS);
    expect(untilTime).toBeLessThan(before + 3 * MINUTE_MS);
  });
});
