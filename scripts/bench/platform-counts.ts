/** What the Worker of `cost-worker.ts` counts. */
export const COUNTED = [
  "worker_requests",
  "object_requests",
  "object_rows_read",
  "object_rows_written",
  "d1_rows_read",
  "d1_rows_written",
  "r2_class_a",
  "r2_class_b",
  "socket_messages",
  "log_lines",
  "hub_awake_ms",
] as const;

export type PlatformAmounts = Readonly<Record<(typeof COUNTED)[number], number>>;

/** Since the Worker started. */
export type PlatformCounts = PlatformAmounts & {
  /** Rows written and R2 operations of class A by what caused them. */
  readonly causes: Readonly<Record<string, number>>;
};
