import type { BackfillPurpose, BackfillStatus } from "../../../src/feed-status.ts";
import type { VenueSql } from "../venue-storage.ts";
import type { TimeRange } from "./read-pages.ts";

/** A range of event times that is read from a venue's history in one run or several. */
export interface BackfillJob extends TimeRange {
  readonly id: number;
  readonly purpose: BackfillPurpose;
  /** The addresses of the pages to read next; null before the first run. */
  readonly rest: readonly string[] | null;
  /** Numbers of pages read and of liquidations found by all runs. */
  readonly pages: number;
  readonly found: number;
  /** Number of runs in a row that read no page. */
  readonly failures: number;
}

type JobRow = Omit<BackfillJob, "rest" | "purpose"> & { readonly purpose: string; readonly rest: string | null };

const MAX_LISTED = 20;

/** The jobs of a venue in the object's storage: what a run did not read outlasts the object. */
export class BackfillJobs {
  readonly #sql: VenueSql;

  constructor(sql: VenueSql) {
    this.#sql = sql;
  }

  add(purpose: BackfillPurpose, { from_time, to_time }: TimeRange, dueTime: number): void {
    const insert = "INSERT INTO {backfills} (from_time, to_time, due_time, failures, purpose) VALUES (?, ?, ?, 0, ?)";
    this.#sql.exec(insert, from_time, to_time, dueTime, purpose);
  }

  /** The job that has been due longest, or null. Jobs that were given up and are due have been listed long enough. */
  next(now: number): BackfillJob | null {
    this.#sql.exec("DELETE FROM {backfills} WHERE given_up IS NOT NULL AND due_time <= ?", now);
    const select = `SELECT id, purpose, from_time, to_time, rest, pages, found, failures FROM {backfills}
      WHERE given_up IS NULL AND due_time <= ? ORDER BY due_time, id LIMIT 1`;
    const row = this.#sql.exec<Record<string, SqlStorageValue> & JobRow>(select, now).toArray()[0];
    if (row === undefined) return null;
    const rest = row.rest === null ? null : (JSON.parse(row.rest) as readonly string[]);
    return { ...row, purpose: row.purpose as BackfillPurpose, rest };
  }

  /** Whether the open gap is still being read. */
  get isPolling(): boolean {
    return this.#sql.exec("SELECT 1 AS found FROM {backfills} WHERE purpose = 'open_gap' LIMIT 1").toArray().length > 0;
  }

  /** Keeps what a run left, for the next one at `dueTime`. */
  keep({ id, rest, pages, found, failures }: BackfillJob, dueTime: number, error: string | null): void {
    const update = "UPDATE {backfills} SET rest = ?, pages = ?, found = ?, failures = ?, due_time = ?, error = ? WHERE id = ?";
    this.#sql.exec(update, JSON.stringify(rest), pages, found, failures, dueTime, error, id);
  }

  /** The range was read to its end, whatever was given up of it before. */
  done({ id, from_time, to_time }: BackfillJob): void {
    const given = "given_up IS NOT NULL AND from_time >= ? AND to_time <= ?";
    this.#sql.exec(`DELETE FROM {backfills} WHERE id = ? OR (${given})`, id, from_time, to_time);
  }

  remove({ id }: BackfillJob): void {
    this.#sql.exec("DELETE FROM {backfills} WHERE id = ?", id);
  }

  /** Lists the job with this reason until `untilTime`, ms. */
  giveUp(job: BackfillJob, untilTime: number, reason: string): void {
    this.#sql.exec("UPDATE {backfills} SET given_up = ?, due_time = ? WHERE id = ?", reason, untilTime, job.id);
  }

  get count(): number {
    return this.#sql.exec<{ jobs: number }>("SELECT count(*) AS jobs FROM {backfills}").one().jobs;
  }

  /** The jobs that run next first, those that were given up last. */
  list(): readonly BackfillStatus[] {
    const select = `SELECT purpose, from_time, to_time, pages AS pages_read, json_array_length(rest) AS requests_left,
        found AS liquidations_found, failures, error AS last_error, given_up,
        CASE WHEN given_up IS NULL THEN due_time END AS next_run_time
      FROM {backfills} ORDER BY given_up IS NOT NULL, due_time, id LIMIT ${MAX_LISTED}`;
    return this.#sql.exec<Record<string, SqlStorageValue> & BackfillStatus>(select).toArray();
  }
}
