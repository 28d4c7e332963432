import type { FeedStatus, SinkStatus } from "../../src/feed-status.ts";
import { DAY } from "./sample-liquidation.ts";

const SINK: SinkStatus = {
  off_reason: null,
  rows_stored: 0,
  rows_refused: 0,
  newest_refusal: null,
  rows_missed: 0,
  backlog_batches: 0,
  backlog_rows: 0,
  oldest_unstored_event_time: null,
  last_success_time: null,
  last_error: null,
  last_error_time: null,
  next_attempt_time: null,
};

/** What a feed that has heard nothing yet says of itself, save what the test is about. */
export function sampleFeedStatus(changes: Partial<FeedStatus>): FeedStatus {
  return {
    exchange: "binance",
    state: "live",
    since: DAY,
    coverage: "largest_per_second",
    inferred: false,
    warnings: [],
    sockets: [],
    last_frame_time: null,
    last_event_time: null,
    events_total: 0,
    inferred_total: 0,
    events_today: 0,
    duplicates: 0,
    skipped: 0,
    executions: 0,
    executions_unmatched: 0,
    too_old: 0,
    rejects: 0,
    reconnects: 0,
    gaps_total: 0,
    open_gap: null,
    unsealed_rows: 0,
    journal_rows: 0,
    sinks: {
      r2: SINK,
      d1: SINK,
      supabase: SINK,
      pipeline: { ...SINK, off_reason: "Pipeline is off: the binding LIQUIDATION_STREAM is missing" },
    },
    raw_frames: {
      off_reason: null,
      files_stored: 0,
      frames_stored: 0,
      oldest_unstored_time: null,
      last_success_time: null,
      last_error: null,
      last_error_time: null,
      next_attempt_time: null,
    },
    symbols: {},
    instruments: { count: 3, source: "fallback", loaded_time: null },
    liquidation_topic_found: null,
    ...changes,
  };
}
