/**
 * How much one piece of background work may do, from what Cloudflare allows and from what was measured. Every budget is in
 * this file; `test/unit/work-budgets.test.ts` holds them against the limits, and `test/workers/limits/` against the calls
 * that the work really makes.
 */

/** https://developers.cloudflare.com/workers/platform/limits/, https://developers.cloudflare.com/workflows/reference/limits/ */
export const PLATFORM_LIMITS = {
  /** CPU time of a cron run whose schedule is shorter than an hour, ms: `[limits] cpu_ms` may not raise it. */
  cron_cpu_ms: 30_000,
  /** CPU time of a step of a Workflow without `[limits] cpu_ms`, ms. */
  step_cpu_ms: 30_000,
  /** Calls of bindings and fetches of an invocation, and of all steps of a Workflow together, without `[limits] subrequests`. */
  subrequests: 10_000,
  /** Steps of an instance of a Workflow. */
  steps: 10_000,
} as const;

/** What `[limits]` of wrangler.toml sets. */
export const SET_LIMITS = {
  /** Ten times what a part needs by the rates below: a slow machine or a day of unusual rows costs no retry. */
  cpu_ms: 300_000,
  /** The longest export makes less than half of them, see the test; a feed that never restarts lives on them for 12 days. */
  subrequests: 1_000_000,
} as const;

/**
 * Rows per second of CPU time: the slowest of the rates in docs/benchmarks.md, which are by the clock on loaded machines and
 * count the local stores too. The CPU time alone is less, so a step has more room than this says.
 */
export const ROWS_PER_CPU_SECOND = {
  /** Slices, groups and the file of a day. */
  daily: 5_543,
  /** JSON, the slowest format. */
  export: 4_906,
  /** A mark has a fifth of the columns of a liquidation. */
  marks: 5 * 5_543,
  /** Rows decoded from batches and written to D1 again: not measured, taken to be as slow as JSON. */
  refill: 4_906,
} as const;

/** Remaining work: requests to the bucket, and rows that are read, encoded or written. */
export interface Budget {
  objects: number;
  rows: number;
}

/** Work of one step of a Workflow. */
export const STEP_BUDGETS = {
  daily: { objects: 500, rows: 100_000 },
  export: { objects: 500, rows: 70_000 },
  /** D1 answers 10,000 marks at once. */
  marks: { objects: 500, rows: 200_000 },
  refill: { objects: 500, rows: 50_000 },
} as const satisfies Readonly<Record<keyof typeof ROWS_PER_CPU_SECOND, Readonly<Budget>>>;

/** Maximum number of rows of an export, checked against its estimate and then against its rows. */
export const MAX_EXPORT_ROWS = 20_000_000;

export function isSpent({ objects, rows }: Budget): boolean {
  return objects <= 0 || rows <= 0;
}
