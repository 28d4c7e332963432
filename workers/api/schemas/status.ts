import * as z from "zod";
import { ADAPTER_VERSIONS } from "../../../src/exchanges/adapter-versions.ts";
import type {
  FeedStatus,
  RawFramesStatus,
  RefusedTopic,
  Refusal,
  SinkStatus,
  SocketStatus,
  SymbolStatus,
} from "../../../src/feed-status.ts";
import { COVERAGES, EXCHANGES } from "../../../src/liquidation-fields.ts";
import type { RuleState } from "../../../src/signals/rule-state.ts";
import type { SinkName } from "../../../src/sink.ts";
import { QUEUES, type DeadLetterQueue } from "../../../src/dead-letters.ts";
import { gapSchema, timeMs } from "../http/answer.ts";
import type { PartOff } from "../../optional-parts.ts";
import type { StoreComparison } from "../../../src/refill.ts";
import type { FieldsOf } from "./fields-of.ts";

const count = (description: string, example = 0) => z.int().meta({ description, examples: [example] });
const lastTime = (description: string) =>
  timeMs.nullable().meta({ description: `${description}, milliseconds since 1970 UTC; null if there was none yet.` });

const coverage = z.enum(COVERAGES).meta({
  description: "Share of its liquidations that the venue's feed carries, by the venue's own documentation.",
  examples: ["largest_per_second"],
});
const state = z.enum(["live", "degraded", "stale", "connecting", "blocked", "off"]).meta({
  description:
    "State of the feed. live: the control stream delivers. degraded: it delivers, but the storage of the feed refuses to write, so liquidations are lost. stale: a socket is open, but the control stream does not deliver. connecting: no socket is open. blocked: the venue refuses connections from this location (HTTP 403 or 451). off: no socket, because the venue is not configured or lists no trading contract of the configured symbols.",
});

const refusedTopic = z
  .object({
    topic: z.string().meta({ description: "The venue's name of the topic.", examples: ["allLiquidation.LUNAUSDT"] }),
    contract: z.string().meta({ description: "The venue's name of the contract.", examples: ["LUNAUSDT"] }),
    reason: z.string().meta({
      description: "Reason of the refusal: the venue's text, or that it did not confirm the topic in time.",
      examples: ["error:handler not found,topic:allLiquidation.LUNAUSDT"],
    }),
    since: timeMs.meta({ description: "Time of the first refusal, milliseconds since 1970 UTC." }),
    next_attempt_time: timeMs.meta({ description: "When the topic is requested again, milliseconds since 1970 UTC." }),
  } satisfies FieldsOf<RefusedTopic>)
  .meta({ id: "RefusedTopic", description: "A topic that a venue refuses." });

const socketStatus = z
  .object({
    name: z.string().meta({ description: "Name of the socket, unique within the feed.", examples: ["main"] }),
    role: z.enum(["liquidations", "market"]).meta({ description: "Purpose of the socket." }),
    state,
    since: timeMs.meta({ description: "Time at which the current state began, milliseconds since 1970 UTC." }),
    last_frame_time: lastTime("Time of the last frame of any kind"),
    last_control_time: lastTime("Time of the last frame of the control stream (the mark price)"),
    reconnects: count("Number of reconnects."),
    last_error: z.string().nullable().meta({ description: "Last error; null if there was none." }),
    refused_topics: z.array(refusedTopic).meta({
      description: "Topics of single contracts that the venue refuses or does not confirm; everything else goes on without them.",
      examples: [[]],
    }),
  } satisfies FieldsOf<SocketStatus>)
  .meta({ id: "SocketStatus", description: "One socket of a feed." });

const refusal = z
  .object({
    time: timeMs.meta({ description: "Time of the refusal, milliseconds since 1970 UTC." }),
    event_id: z.string().meta({ description: "Id of the refused row.", examples: ["okx:BTC-USDT-SWAP:1795132801204"] }),
    reason: z.string().meta({ description: "Reason of the store.", examples: ["older than the events that D1 keeps"] }),
  } satisfies FieldsOf<Refusal>)
  .meta({ id: "Refusal", description: "A row that a store rejected for good." });

const comparison = z
  .object({
    time: timeMs.meta({ description: "Time of the comparison, milliseconds since 1970 UTC." }),
    from_time: timeMs.meta({
      description: "Start of the compared range of event times, inclusive, milliseconds since 1970 UTC.",
      examples: [1_794_646_800_000],
    }),
    to_time: timeMs.meta({
      description: "End of the compared range of event times, exclusive, milliseconds since 1970 UTC.",
      examples: [1_795_255_200_000],
    }),
    acknowledged_rows: count("Number of rows that the store acknowledged, without inferred ones.", 48_198),
    held_rows: count("Number of rows that the store has, without inferred ones.", 48_198),
    missing_rows: count("Number of rows that the store acknowledged and no longer has."),
  } satisfies FieldsOf<StoreComparison>)
  .meta({ id: "StoreComparison", description: "Comparison of the rows that a store has with those that it acknowledged." });

const sinkStatus = z
  .object({
    off_reason: z.string().nullable().meta({ description: "Reason why the sink is off; null while it is on." }),
    rows_stored: count("Number of rows stored.", 48_198),
    rows_refused: count("Number of rows that the store rejected for good."),
    newest_refusal: refusal
      .nullable()
      .meta({ description: "Newest of the rejected rows, with the reason; null where none was rejected.", examples: [null] }),
    rows_missed: count(
      "Number of rows that left the journal before the store had them, because it was off, failed for long or the journal was full. The feed cannot send them any more.",
    ),
    backlog_batches: count("Number of sealed batches that are not stored yet; 0 while the sink is off."),
    backlog_rows: count("Number of rows in those batches."),
    oldest_unstored_event_time: timeMs.nullable().meta({
      examples: [null],
      description:
        "Event time of the oldest row that is not stored yet, milliseconds since 1970 UTC; null where all rows are stored or the sink is off.",
    }),
    last_success_time: lastTime("Time of the last success"),
    last_error: z.string().nullable().meta({ description: "Last error; null if there was none." }),
    last_error_time: lastTime("Time of the last error").meta({ examples: [null] }),
    comparison: comparison
      .nullable()
      .meta({ description: "Newest comparison with the store itself (D1 only); null before the first one.", examples: [null] }),
    next_attempt_time: timeMs.nullable().meta({
      examples: [null],
      description:
        "Time of the next attempt after a failure, at most five minutes away, milliseconds since 1970 UTC; null where the last attempt succeeded or the sink is off.",
    }),
  } satisfies FieldsOf<SinkStatus>)
  .meta({ id: "SinkStatus", description: "State of one sink, and its backlog behind the journal." });

const rawFramesStatus = z
  .object({
    off_reason: z.string().nullable().meta({ description: "Reason why raw frames are not kept; null while they are." }),
    files_stored: count("Number of files stored.", 120),
    frames_stored: count("Number of frames in those files.", 47_003),
    oldest_unstored_time: timeMs.nullable().meta({
      description:
        "Time of receipt of the oldest frame that is not in a file yet, milliseconds since 1970 UTC; null if there is none. A file is written once its hour is over.",
    }),
    last_success_time: lastTime("Time of the last success"),
    last_error: z.string().nullable().meta({ description: "Last error; null if there was none." }),
    last_error_time: lastTime("Time of the last error").meta({ examples: [null] }),
    next_attempt_time: timeMs.nullable().meta({
      examples: [null],
      description: "Time of the next attempt after a failure, milliseconds since 1970 UTC; null where the last attempt succeeded.",
    }),
  } satisfies FieldsOf<RawFramesStatus>)
  .meta({ id: "RawFramesStatus", description: "State of the writer of raw frames." });

const symbolStatus = z
  .object({
    long_events: count("Number of liquidated longs since 00:00 UTC.", 1_402),
    long_usd: z
      .number()
      .meta({ description: "Sum of usd_value of those longs, without events of unknown value.", examples: [41_250_300.5] }),
    short_events: count("Number of liquidated shorts since 00:00 UTC.", 909),
    short_usd: z
      .number()
      .meta({ description: "Sum of usd_value of those shorts, without events of unknown value.", examples: [18_904_700] }),
  } satisfies FieldsOf<SymbolStatus>)
  .meta({ id: "SymbolStatus", description: "Liquidations of one base asset since 00:00 UTC, without inferred ones." });

const symbols = z
  .record(z.string(), symbolStatus)
  .meta({ description: "Liquidations since 00:00 UTC by base asset, without inferred ones." });

const feedStatus = {
  exchange: z.enum(EXCHANGES),
  state,
  since: timeMs.meta({ description: "Time at which the current state began, milliseconds since 1970 UTC." }),
  coverage,
  inferred: z
    .boolean()
    .meta({ description: "True where liquidations are also inferred from trades; inferred rows have the coverage inferred." }),
  warnings: z.array(z.string()).meta({
    description: "Conditions that the operator should fix although the feed may run, one sentence each; empty if there are none.",
    examples: [[]],
  }),
  sockets: z.array(socketStatus),
  last_frame_time: lastTime("Time of the last frame"),
  last_event_time: lastTime("Venue time of the last liquidation"),
  events_total: count("Number of distinct rows since the journal began, including inferred ones.", 48_210),
  inferred_total: count("Number of those rows that were inferred; no sum and no total includes them."),
  events_today: count("Number of liquidations since 00:00 UTC, without inferred ones.", 2_311),
  duplicates: count("Number of repeated liquidations, which are stored only once."),
  skipped: count("Number of liquidations of base assets that are not collected."),
  executions: count("Number of executions kept as detail of liquidations."),
  executions_unmatched: count("Number of executions without a matching liquidated position."),
  too_old: count(
    "Number of liquidations older than 24 h on arrival. They are not stored, because repetitions of that age cannot be recognized.",
  ),
  events_lost: count(
    "Number of received liquidations that are in no store, because the storage of the feed was full or refused to write. Each lies in a gap with the reason storage_failed.",
  ),
  rejects: count("Number of frames that could not be read."),
  reconnects: count("Number of reconnects of all sockets."),
  gaps_total: count("Number of ended and open gaps since the journal began."),
  open_gap: gapSchema.nullable().meta({ description: "Open gap; null while the venue is connected.", examples: [null] }),
  unsealed_rows: count("Number of rows that are not yet in a batch."),
  journal_rows: count("Number of rows in the journal.", 5_120),
  journal_bytes: count("Size of the storage of the feed, bytes.", 9_437_184),
  journal_bytes_max: count("Size from which on old rows give way to new ones, bytes.", 9_000_000_000),
  storage_error: z
    .string()
    .nullable()
    .meta({ description: "Error of the storage while it refuses to write; null while it accepts writes.", examples: [null] }),
  sinks: z
    .object({ r2: sinkStatus, d1: sinkStatus, supabase: sinkStatus, pipeline: sinkStatus } satisfies FieldsOf<Record<SinkName, SinkStatus>>)
    .meta({ description: "State of each sink." }),
  raw_frames: rawFramesStatus,
  symbols,
  instruments: z
    .object({
      count: count("Number of known contracts.", 412),
      source: z
        .enum(["rest", "fallback"])
        .meta({ description: "Source of the table. rest: the venue's own list. fallback: the built-in list." }),
      loaded_time: lastTime("Time at which the venue's list was loaded"),
    })
    .meta({ description: "Table of contracts, with their sizes." }),
  liquidation_topic_found: z
    .string()
    .nullable()
    .meta({ description: "Liquidation topic that a probe found on a venue without a documented one; null while there is none." }),
} satisfies FieldsOf<FeedStatus>;

const runningFeed = z.object({ ...feedStatus, error: z.null() }).meta({ id: "FeedStatus", description: "Status of a venue's feed." });

const unavailableFeed = z
  .object({
    exchange: z.enum(EXCHANGES),
    state: z
      .literal("off")
      .nullable()
      .meta({ description: "State of the feed. off: the venue is not configured. null: the feed did not respond." }),
    coverage,
    error: z.string().meta({ description: "Reason why the status is not available." }),
  })
  .meta({ id: "UnavailableFeed", description: "A feed that is off or did not respond." });

const partOff = z
  .object({
    part: z.string().meta({ description: "Name of the part.", examples: ["telegram"] }),
    reason: z.string().meta({ description: "Reason why it is off.", examples: ["TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID are not set"] }),
  } satisfies FieldsOf<PartOff>)
  .meta({ id: "PartOff", description: "An optional part that is off, and the reason." });

const deadLetterQueue = z
  .object({
    queue: z.enum(QUEUES).meta({ description: "Name of the queue.", examples: ["analytics"] }),
    records: count("Number of records given up since the start.", 2),
    newest_time: timeMs.meta({ description: "Time at which the newest of them was given up, milliseconds since 1970 UTC." }),
    newest_record: z.string().meta({ description: "Name of the newest of them.", examples: ["2026-11-21T09:05:00.000Z BTC 15m"] }),
    newest_reason: z.string().meta({ description: "Reason why it was given up.", examples: ["400 23514 violates a check constraint"] }),
  } satisfies FieldsOf<DeadLetterQueue>)
  .meta({ id: "DeadLetterQueue", description: "A queue that gave up on records, so that they hold up none behind them." });

const versions = z
  .object({
    schema: z.int().meta({ description: "Version of the list of fields of a liquidation.", examples: [1] }),
    adapters: z
      .partialRecord(z.enum(EXCHANGES), z.int())
      .meta({ description: "Version of each venue's adapter.", examples: [ADAPTER_VERSIONS] }),
  })
  .meta({ description: "Current versions. Each row carries the versions it was written with." });

const venueStatusSchema = z.union([runningFeed, unavailableFeed]);
export type VenueStatus = z.output<typeof venueStatusSchema>;

const ruleState = z
  .object({
    state: z.enum(["active", "suspended"]).meta({
      description:
        "State of the rule. active: rises count. suspended: too few venues were covered in both windows, so that only percentiles from 0.99 count.",
    }),
    since: timeMs.meta({ description: "Minute in which this state began, milliseconds since 1970 UTC." }),
    compared_share: z.number().meta({
      description: "Share of the venues covered in both windows in the USD of the last 7 days, 0 to 1; rises count from 0.9.",
      examples: [1],
    }),
    missing_exchanges: z.array(z.enum(EXCHANGES)).meta({ description: "Venues that were not covered in both windows.", examples: [[]] }),
  } satisfies FieldsOf<RuleState>)
  .meta({ id: "SpikeRuleState", description: "State of the spike rule: active, or suspended because too few venues were covered." });

export const statusSchema = z
  .object({
    time: timeMs.meta({ description: "Current time, milliseconds since 1970 UTC." }),
    versions,
    exchanges: z.array(venueStatusSchema).meta({ description: "Status of every venue, including those that are off." }),
    symbols,
    spike_rule: ruleState
      .nullable()
      .meta({ description: "State of the spike rule; null before its first minute and while D1 does not respond." }),
    dead_letters: z.array(deadLetterQueue).nullable().meta({
      description:
        "Queues with records that a store or a receiver refuses for good. They were given up, so that they hold up none behind them. Rows that a sink refuses are counted in its `rows_refused`. Empty if there are none; null while D1 does not respond.",
    }),
    parts_off: z.array(partOff).meta({ description: "Optional parts that are off, and what each of them lacks." }),
  })
  .meta({ id: "Status", description: "Status of the feeds, sinks and optional parts." });
