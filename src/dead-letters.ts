/**
 * The queues that give up a record that they cannot pass on, and continue with those behind it.
 *
 * `cascades`: records to D1. `*_events`: webhook events. `spikes`: spikes to decide.
 * `analytics`, `signal_archive`, `grade_archive`, `ledger_archive`: rows to Supabase. `delivery_log`: the log of webhook
 * deliveries in D1.
 * `daily_batches`: batches that cannot be read. `daily_files`: days that were published without all of their rows.
 * `mark_files`: daily files of minute marks that cannot be read.
 */
export const QUEUES = [
  "cascades",
  "cascade_events",
  "liquidation_events",
  "rule_events",
  "spikes",
  "signal_events",
  "grade_events",
  "feed_events",
  "adl_events",
  "operations_events",
  "ledger_events",
  "venue_events",
  "analytics",
  "signal_archive",
  "grade_archive",
  "ledger_archive",
  "delivery_log",
  "daily_batches",
  "daily_files",
  "mark_files",
] as const;
export type QueueName = (typeof QUEUES)[number];

/** A record that a queue has given up. */
export interface DeadLetter {
  /** A name by which a person finds the record. */
  readonly record: string;
  readonly reason: string;
  /** The record itself, for the log, where no store has it. */
  readonly content?: unknown;
}

/** The records that a queue has given up so far. */
export interface DeadLetterQueue {
  readonly queue: QueueName;
  readonly records: number;
  /** Time at which the newest one was given up, ms. */
  readonly newest_time: number;
  readonly newest_record: string;
  readonly newest_reason: string;
}
