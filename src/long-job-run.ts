/** The jobs that run in a Workflow of their own. */
export const LONG_JOB_NAMES = ["daily_files", "mark_files", "refills", "grade_backlog", "estimate_fit", "contagion"] as const;
export type LongJobName = (typeof LONG_JOB_NAMES)[number];

/** The parameters of one run of such a job. */
export interface LongJobRun {
  readonly job: LongJobName;
  /** Who holds the job's lease: the id of the instance. */
  readonly holder: string;
  /** The minute whose work it does, ms. */
  readonly scheduled_time: number;
}
