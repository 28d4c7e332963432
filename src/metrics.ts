import { QUEUES, type DeadLetterQueue } from "./dead-letters.ts";
import { FEED_STATES, type FeedStatus, type SinkStatus } from "./feed-status.ts";
import type { ExchangeName } from "./liquidation.ts";
import { type PartOutage, WATCHED_PARTS } from "./operations.ts";
import type { Metric, Sample } from "./prometheus.ts";

/** The job that is part of every run of the cron, and the first of it. */
export const EVERY_RUN = "watchdog";

/** The runs of a job since the first one; times in ms. */
export interface JobRuns {
  readonly job: string;
  readonly runs: number;
  readonly failures: number;
  readonly total_ms: number;
  readonly last_ms: number;
  /** The scheduled minute of the last run. */
  readonly last_time: number;
  readonly last_success_time: number | null;
  readonly last_error: string | null;
  readonly rows_read: number;
  readonly rows_written: number;
}

/** What the metrics are made of. Times in ms. */
export interface MetricsSource {
  readonly now: number;
  /** Status null where the feed did not respond. */
  readonly feeds: readonly { readonly exchange: ExchangeName; readonly status: FeedStatus | null }[];
  readonly jobs: readonly JobRuns[];
  readonly deadLetters: readonly DeadLetterQueue[];
  readonly outages: readonly PartOutage[];
  readonly usage: readonly { readonly item: string; readonly today: number }[];
}

const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1_000);

function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, help, type: "counter", samples };
}

function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, help, type: "gauge", samples };
}

/** Everything that `/metrics` shows: feeds, their stores, jobs, queues and what the platform bills. Units are base units. */
export function metricsOf(source: MetricsSource): readonly Metric[] {
  return [...feedMetrics(source), ...storeMetrics(source), ...jobMetrics(source), ...operationMetrics(source)];
}

function feedMetrics({ feeds, now }: MetricsSource): readonly Metric[] {
  const feed = (value: (status: FeedStatus) => number | null): Sample[] =>
    feeds.map(({ exchange, status }) => ({ labels: { exchange }, value: status === null ? null : value(status) }));
  return [
    gauge(
      "liquidations_feed_state",
      "1 for the state of the feed of a venue, 0 for the others.",
      feeds.flatMap(({ exchange, status }) =>
        [...FEED_STATES, "unreachable" as const].map((state) => ({
          labels: { exchange, state },
          value: (status?.state ?? "unreachable") === state ? 1 : 0,
        })),
      ),
    ),
    counter(
      "liquidations_events_total",
      "Liquidations journaled, inferred ones included.",
      feed((status) => status.events_total),
    ),
    counter(
      "liquidations_events_lost_total",
      "Liquidations that are in no store.",
      feed((status) => status.events_lost),
    ),
    counter(
      "liquidations_duplicates_total",
      "Liquidations received again.",
      feed((status) => status.duplicates),
    ),
    counter(
      "liquidations_rejects_total",
      "Texts that could not be read or stored.",
      feed((status) => status.rejects),
    ),
    counter(
      "liquidations_reconnects_total",
      "Connections that were lost.",
      feed((status) => status.reconnects),
    ),
    counter(
      "liquidations_gaps_total",
      "Gaps, ended and open.",
      feed((status) => status.gaps_total),
    ),
    gauge(
      "liquidations_open_gap_seconds",
      "Length of the open gap; 0 where there is none.",
      feed((status) => (status.open_gap === null ? 0 : (now - status.open_gap.from_time) / 1_000)),
    ),
    gauge(
      "liquidations_last_frame_timestamp_seconds",
      "Arrival of the last frame, seconds since 1970.",
      feed((status) => seconds(status.last_frame_time)),
    ),
    gauge(
      "liquidations_last_event_timestamp_seconds",
      "Time of the last liquidation, seconds since 1970.",
      feed((status) => seconds(status.last_event_time)),
    ),
    gauge(
      "liquidations_journal_bytes",
      "Size of the storage of the feed.",
      feed((status) => status.journal_bytes),
    ),
    gauge(
      "liquidations_journal_max_bytes",
      "Size from which on old rows give way.",
      feed((status) => status.journal_bytes_max),
    ),
    gauge(
      "liquidations_unsealed_rows",
      "Rows that are in no batch yet.",
      feed((status) => status.unsealed_rows),
    ),
  ];
}

function storeMetrics({ feeds, now }: MetricsSource): readonly Metric[] {
  const store = (value: (sink: SinkStatus) => number | null): Sample[] =>
    feeds.flatMap(({ exchange, status }) =>
      Object.entries(status?.sinks ?? {}).map(([name, sink]) => ({ labels: { exchange, store: name }, value: value(sink) })),
    );
  return [
    counter(
      "liquidations_store_rows_total",
      "Rows that a store has.",
      store((sink) => sink.rows_stored),
    ),
    counter(
      "liquidations_store_rows_refused_total",
      "Rows that a store refuses for good.",
      store((sink) => sink.rows_refused),
    ),
    counter(
      "liquidations_store_rows_missed_total",
      "Rows that left the journal before the store had them.",
      store((sink) => sink.rows_missed),
    ),
    gauge(
      "liquidations_store_backlog_rows",
      "Sealed rows that a store does not have yet.",
      store((sink) => sink.backlog_rows),
    ),
    gauge(
      "liquidations_store_lag_seconds",
      "Age of the oldest liquidation that a store does not have; 0 where it has all.",
      store((sink) => (sink.oldest_unstored_event_time === null ? 0 : (now - sink.oldest_unstored_event_time) / 1_000)),
    ),
  ];
}

function jobMetrics({ jobs }: MetricsSource): readonly Metric[] {
  const job = (value: (runs: JobRuns) => number | null): Sample[] =>
    jobs.map((runs) => ({ labels: { job: runs.job }, value: value(runs) }));
  return [
    counter(
      "liquidations_job_runs_total",
      "Runs of a job.",
      job((runs) => runs.runs),
    ),
    counter(
      "liquidations_job_failures_total",
      "Runs of a job that failed or took too long.",
      job((runs) => runs.failures),
    ),
    counter(
      "liquidations_job_duration_seconds_total",
      "Time in a job.",
      job((runs) => runs.total_ms / 1_000),
    ),
    gauge(
      "liquidations_job_last_duration_seconds",
      "Time of the last run of a job.",
      job((runs) => runs.last_ms / 1_000),
    ),
    gauge(
      "liquidations_job_last_run_timestamp_seconds",
      "Scheduled minute of the last run of a job, seconds since 1970.",
      job((runs) => runs.last_time / 1_000),
    ),
    gauge(
      "liquidations_job_last_success_timestamp_seconds",
      "Scheduled minute of the last run that ended well, seconds since 1970.",
      job((runs) => seconds(runs.last_success_time)),
    ),
    counter(
      "liquidations_job_rows_read_total",
      "Rows of D1 that a job read.",
      job((runs) => runs.rows_read),
    ),
    counter(
      "liquidations_job_rows_written_total",
      "Rows of D1 that a job wrote.",
      job((runs) => runs.rows_written),
    ),
  ];
}

function operationMetrics({ deadLetters, outages, usage }: MetricsSource): readonly Metric[] {
  return [
    counter(
      "liquidations_dead_letters_total",
      "Records that a queue gave up.",
      // Zeros too: a counter that appeared with its first record would have no increase for an alert to see.
      QUEUES.map((queue) => ({ labels: { queue }, value: deadLetters.find((one) => one.queue === queue)?.records ?? 0 })),
    ),
    gauge(
      "liquidations_part_up",
      "0 where the cron or the hub was announced as stopped.",
      WATCHED_PARTS.map((part) => ({ labels: { part }, value: outages.some((one) => one.part === part && one.announced) ? 0 : 1 })),
    ),
    gauge(
      "liquidations_platform_usage_today",
      "Amount since 00:00 UTC of what Cloudflare bills, as the Worker counts it.",
      usage.map(({ item, today }) => ({ labels: { item }, value: today })),
    ),
  ];
}
