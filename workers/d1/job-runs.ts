import { EVERY_RUN, type JobRuns } from "../../src/metrics.ts";

/** How one run of a job ended. */
export interface JobOutcome {
  readonly job: string;
  readonly ms: number;
  /** Null where it ended well. */
  readonly error: string | null;
  /** Of D1. */
  readonly rows_read: number;
  readonly rows_written: number;
}

const MAX_ERROR = 500;

const ADD = `
  INSERT INTO job_runs (job, runs, failures, total_ms, last_ms, last_time, last_success_time, last_error, rows_read, rows_written)
  SELECT value ->> 'job', 1, value ->> 'error' IS NOT NULL, value ->> 'ms', value ->> 'ms', ?2,
    iif(value ->> 'error' IS NULL, ?2, NULL), value ->> 'error', value ->> 'rows_read', value ->> 'rows_written'
  FROM json_each(?1) WHERE true
  ON CONFLICT (job) DO UPDATE SET runs = runs + 1, failures = failures + excluded.failures, total_ms = total_ms + excluded.total_ms,
    last_ms = excluded.last_ms, last_time = max(last_time, excluded.last_time),
    last_success_time = coalesce(excluded.last_success_time, last_success_time), last_error = excluded.last_error,
    rows_read = rows_read + excluded.rows_read, rows_written = rows_written + excluded.rows_written`;

/** @param scheduledTime of the run, ms */
export async function addJobRuns(db: D1Database, outcomes: readonly JobOutcome[], scheduledTime: number): Promise<void> {
  if (outcomes.length === 0) return;
  const rows = outcomes.map(({ error, ...rest }) => ({ ...rest, error: error?.toWellFormed().slice(0, MAX_ERROR) ?? null }));
  await db.prepare(ADD).bind(JSON.stringify(rows), scheduledTime).run();
}

/** Forgets the runs of all jobs but these: one that a version renamed or dropped would be shown as failing for ever. */
export async function forgetOtherJobs(db: D1Database, jobs: readonly string[]): Promise<void> {
  await db.prepare("DELETE FROM job_runs WHERE job NOT IN (SELECT value FROM json_each(?1))").bind(JSON.stringify(jobs)).run();
}

/** All jobs that ran, by name. */
export async function readJobRuns(db: D1Database): Promise<readonly JobRuns[]> {
  return (await db.prepare("SELECT * FROM job_runs ORDER BY job").all<JobRuns>()).results;
}

/** How a job of the cron fares. Times in ms. */
export interface JobStatus {
  readonly job: string;
  readonly runs: number;
  readonly failures: number;
  readonly last_run_time: number;
  /** Null where no run of it has ended well. */
  readonly last_success_time: number | null;
  readonly last_duration_ms: number;
  /** Of the last run; null where it ended well. */
  readonly last_error: string | null;
}

/** How all jobs fare that ran, by name. */
export async function readJobStatuses(db: D1Database): Promise<readonly JobStatus[]> {
  const jobs = await readJobRuns(db);
  return jobs.map(({ job, runs, failures, last_time, last_success_time, last_ms, last_error }) => ({
    job,
    runs,
    failures,
    last_run_time: last_time,
    last_success_time,
    last_duration_ms: last_ms,
    last_error,
  }));
}

/** The scheduled minute of the last run of the cron, ms; null before the first one. */
export function lastCronRun(db: D1Database): Promise<number | null> {
  return db.prepare("SELECT last_time FROM job_runs WHERE job = ?1").bind(EVERY_RUN).first<number>("last_time");
}
