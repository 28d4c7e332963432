import type { AdlStatus } from "./adl/adl-state.ts";
import type { Gap } from "./gap.ts";
import type { Coverage, ExchangeName } from "./liquidation.ts";
import type { PolledKind } from "./market/polled-kind.ts";
import type { StoreComparison } from "./refill.ts";
import type { SinkName } from "./sink.ts";

/**
 * `live`: the control stream delivers. `degraded`: it does, but the feed's storage refuses to write, so liquidations are
 * lost. `stale`: a socket is open, but the control stream does not deliver.
 * `connecting`. `blocked`: the venue refuses connections from this location (HTTP 403 or 451). `off`: no socket, because the
 * venue is not configured or lists no trading contract of the configured symbols.
 */
export const FEED_STATES = ["live", "degraded", "stale", "connecting", "blocked", "off"] as const;
export type FeedState = (typeof FEED_STATES)[number];

export interface SocketStatus {
  readonly name: string;
  readonly role: "liquidations" | "market";
  readonly state: FeedState;
  /** Start of the current state, ms. */
  readonly since: number;
  readonly last_frame_time: number | null;
  readonly last_control_time: number | null;
  readonly reconnects: number;
  readonly last_error: string | null;
  /** Topics of single contracts that the venue refuses or does not confirm; the socket goes on without them. */
  readonly refused_topics: readonly RefusedTopic[];
}

export interface RefusedTopic {
  readonly topic: string;
  readonly contract: string;
  readonly reason: string;
  /** The time of the first refusal, ms. */
  readonly since: number;
  /** When it is requested again, ms. */
  readonly next_attempt_time: number;
}

/** The REST requests for one kind of market data that the venue's streams lack. */
export interface PollStatus {
  readonly what: PolledKind;
  /** Number of contracts that it is polled for. */
  readonly contracts: number;
  readonly interval_ms: number;
  /** Number of requests whose last attempt failed. */
  readonly failing_requests: number;
  readonly last_success_time: number | null;
  readonly last_error: string | null;
  readonly last_error_time: number | null;
}

/** A row that a store will never accept. */
export interface Refusal {
  readonly time: number;
  readonly event_id: string;
  readonly reason: string;
}

export interface SinkStatus {
  /** Null where the sink is on. */
  readonly off_reason: string | null;
  readonly rows_stored: number;
  readonly rows_refused: number;
  readonly newest_refusal: Refusal | null;
  /** Rows that left the journal before the sink had them, because it was off or failing; also while it is off. */
  readonly rows_missed: number;
  /** 0 where the sink is off. */
  readonly backlog_batches: number;
  readonly backlog_rows: number;
  /** Event time of the oldest row that the sink has not stored, sealed or not; null where it has all rows or is off. */
  readonly oldest_unstored_event_time: number | null;
  readonly last_success_time: number | null;
  readonly last_error: string | null;
  readonly last_error_time: number | null;
  /** Null before the first comparison, where the store cannot be asked, or where the sink is off. */
  readonly comparison: StoreComparison | null;
  /** When a store that failed is asked again, ms; null where the last attempt succeeded or the sink is off. */
  readonly next_attempt_time: number | null;
}

/** The writer of raw frames. */
export interface RawFramesStatus {
  /** Null where raw frames are kept. */
  readonly off_reason: string | null;
  readonly files_stored: number;
  readonly frames_stored: number;
  /** Time of receipt of the oldest frame that is not stored yet, ms; a file is written once its hour is over. */
  readonly oldest_unstored_time: number | null;
  readonly last_success_time: number | null;
  readonly last_error: string | null;
  readonly last_error_time: number | null;
  readonly next_attempt_time: number | null;
}

/**
 * `gap`: a gap that has ended. `second_look`: the same once more, ten minutes later, because histories list events late.
 * `open_gap`: a gap that lasts.
 */
export const BACKFILL_PURPOSES = ["gap", "second_look", "open_gap"] as const;
export type BackfillPurpose = (typeof BACKFILL_PURPOSES)[number];

/** A range of event times that the venue's REST history is read for, in runs of a bounded number of pages. */
export interface BackfillStatus {
  readonly purpose: BackfillPurpose;
  readonly from_time: number;
  readonly to_time: number;
  readonly pages_read: number;
  /** Number of requests, mostly one for each contract, that have more pages; null before the first run. */
  readonly requests_left: number | null;
  /** Number of liquidations in the pages read, repeated and known ones included. */
  readonly liquidations_found: number;
  /** Number of runs in a row that ended with an error, counted from 1 again after one that read a page. */
  readonly failures: number;
  readonly last_error: string | null;
  /** Null where it was given up. */
  readonly next_run_time: number | null;
  /** Reason why the rest is not read; null while it is. Listed for a day. */
  readonly given_up: string | null;
}

export interface SymbolStatus {
  readonly long_events: number;
  readonly long_usd: number;
  readonly short_events: number;
  readonly short_usd: number;
}

/** The status of a feed; times are ms, `null` if there was none yet. */
export interface FeedStatus {
  readonly exchange: ExchangeName;
  readonly state: FeedState;
  readonly since: number;
  /** Coverage of the liquidations that the venue reports; inferred ones do not change it. */
  readonly coverage: Coverage;
  /** Whether liquidations are inferred from trades and open interest; inferred rows have their own `coverage`. */
  readonly inferred: boolean;
  /** Conditions that the operator should fix although the feed may run, one sentence each. */
  readonly warnings: readonly string[];
  readonly sockets: readonly SocketStatus[];
  readonly polls: readonly PollStatus[];
  readonly last_frame_time: number | null;
  readonly last_event_time: number | null;
  /** Number of distinct rows since the journal began, including inferred ones. */
  readonly events_total: number;
  /** Number of inferred rows among them, which no sum and no total includes. */
  readonly inferred_total: number;
  /** Number of liquidations since 00:00 UTC, without inferred ones. */
  readonly events_today: number;
  /** Number of liquidations that the stream delivered, new or not, collected or not. */
  readonly delivered_total: number;
  /** The same by base asset, of those that are collected; absent where it delivered none, null where the venue no longer lists it. */
  readonly delivered_symbols: Readonly<Record<string, number | null>>;
  readonly duplicates: number;
  /** Numbers of liquidations outside the scope, executions kept as detail, events older than the dedupe window. */
  readonly skipped: number;
  readonly executions: number;
  readonly executions_unmatched: number;
  readonly too_old: number;
  /** Number of received liquidations that are in no store, because the feed's storage was full or refused to write. */
  readonly events_lost: number;
  readonly rejects: number;
  readonly reconnects: number;
  /** Number of ended and open gaps since the journal began. */
  readonly gaps_total: number;
  readonly open_gap: Gap | null;
  /** The next of the jobs that read the venue's REST history, and the number of all of them. */
  readonly backfills: readonly BackfillStatus[];
  readonly backfills_total: number;
  readonly unsealed_rows: number;
  readonly journal_rows: number;
  /** Size of the feed's storage, and the size from which on old rows give way to new ones. */
  readonly journal_bytes: number;
  readonly journal_bytes_max: number;
  /** What the storage said when it refused to write; null while it accepts writes. */
  readonly storage_error: string | null;
  readonly sinks: Readonly<Record<SinkName, SinkStatus>>;
  readonly raw_frames: RawFramesStatus;
  /** Events since 00:00 UTC by base asset, without inferred ones. */
  readonly symbols: Readonly<Record<string, SymbolStatus>>;
  readonly instruments: { readonly count: number; readonly source: "rest" | "fallback"; readonly loaded_time: number | null };
  /** What the venue publishes of its auto-deleveraging; null where it publishes nothing of it. */
  readonly adl_state: AdlStatus | null;
}
