import * as z from "zod";
import { ADAPTER_VERSIONS } from "../../../src/exchanges/adapter-versions.ts";
import {
  BACKFILL_PURPOSES,
  type BackfillStatus,
  type FeedStatus,
  type PollStatus,
  type RawFramesStatus,
  type RefusedTopic,
  type Refusal,
  type SinkStatus,
  type SocketStatus,
  type SymbolStatus,
} from "../../../src/feed-status.ts";
import { COVERAGES, EXCHANGES } from "../../../src/liquidation-fields.ts";
import { POLLED_KINDS } from "../../../src/market/polled-kind.ts";
import type { RuleState } from "../../../src/signals/rule-state.ts";
import type { SinkName } from "../../../src/sink.ts";
import { QUEUES, type DeadLetterQueue } from "../../../src/dead-letters.ts";
import { gapSchema, timeMs } from "../http/answer.ts";
import type { PartOff } from "../../optional-parts.ts";
import {
  NOTICE_KINDS,
  type VenueNotice,
  type VenueWatch,
  type VenueWithoutFeedStatus,
  type WatchedPage,
} from "../../venue-watch/venue-watch.ts";
import type { StoreComparison } from "../../../src/refill.ts";
import type { JobStatus } from "../../d1/job-runs.ts";
import { adlStatus } from "./adl.ts";
import { forecastSchema } from "./cascade-forecast.ts";
import { silenceSchema } from "./silence.ts";
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
    next_attempt_time: timeMs.meta({ description: "Time of the next request of the topic, milliseconds since 1970 UTC." }),
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

const pollStatus = z
  .object({
    what: z.enum(POLLED_KINDS).meta({ description: "Market data that is requested.", examples: ["open_interest"] }),
    contracts: count("Number of contracts that it is requested for.", 6),
    interval_ms: count("Time between two requests for the same contract, ms.", 15_000),
    failing_requests: count("Number of requests whose last attempt failed; the fields that depend on them become null."),
    last_success_time: lastTime("Time of the last success"),
    last_error: z
      .string()
      .nullable()
      .meta({ description: "Last error; null if there was none.", examples: [null] }),
    last_error_time: lastTime("Time of the last error").meta({ examples: [null] }),
  } satisfies FieldsOf<PollStatus>)
  .meta({ id: "PollStatus", description: "Requests over REST for market data that the venue's streams lack." });

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
    long_usd: z.number().meta({
      description: "Sum of flow USD (notional_mark_usd where known, else usd_value) of those longs, without events of unknown value.",
      examples: [41_250_300.5],
    }),
    short_events: count("Number of liquidated shorts since 00:00 UTC.", 909),
    short_usd: z.number().meta({
      description: "Sum of flow USD (notional_mark_usd where known, else usd_value) of those shorts, without events of unknown value.",
      examples: [18_904_700],
    }),
  } satisfies FieldsOf<SymbolStatus>)
  .meta({ id: "SymbolStatus", description: "Liquidations of one base asset since 00:00 UTC, without inferred ones." });

const symbols = z
  .record(z.string(), symbolStatus)
  .meta({ description: "Liquidations since 00:00 UTC by base asset, without inferred ones." });

const backfillStatus = z
  .object({
    purpose: z.enum(BACKFILL_PURPOSES).meta({
      description:
        "Reason for reading. gap: a gap that has ended. second_look: the same range once more, ten minutes later, because histories list liquidations late. open_gap: a gap that lasts.",
    }),
    from_time: timeMs.meta({ description: "Start of the range of event times, inclusive, milliseconds since 1970 UTC." }),
    to_time: timeMs.meta({ description: "End of the range of event times, inclusive, milliseconds since 1970 UTC." }),
    pages_read: count("Number of pages read so far.", 20),
    requests_left: z
      .int()
      .nullable()
      .meta({
        description: "Number of requests, mostly one for each contract, that have more pages; null before the first run.",
        examples: [3],
      }),
    liquidations_found: count("Number of liquidations in those pages, repeated and already known ones included.", 1_804),
    failures: count("Number of runs in a row that ended with an error, counted from 1 again after one that read a page."),
    last_error: z
      .string()
      .nullable()
      .meta({ description: "Error of the last run; null if it had none.", examples: [null] }),
    next_run_time: timeMs.nullable().meta({
      description: "Time of the next run, milliseconds since 1970 UTC; null where the rest was given up.",
    }),
    given_up: z
      .string()
      .nullable()
      .meta({ description: "Reason why the rest of the range is not read; null while it is.", examples: [null] }),
  } satisfies FieldsOf<BackfillStatus>)
  .meta({
    id: "BackfillStatus",
    description:
      "A range of event times that is read from the venue's REST history. A run reads at most 20 pages, and the next one continues where it ended, also after a restart.",
  });

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
  polls: z.array(pollStatus).meta({ description: "Market data that is requested over REST, by kind; empty if there is none." }),
  last_frame_time: lastTime("Time of the last frame"),
  last_event_time: lastTime("Venue time of the last liquidation"),
  events_total: count("Number of distinct rows since the journal began, including inferred ones.", 48_210),
  inferred_total: count("Number of those rows that were inferred; no sum and no total includes them."),
  events_today: count("Number of liquidations since 00:00 UTC, without inferred ones.", 2_311),
  delivered_total: count(
    "Number of liquidations that the stream delivered, repeated ones and those of base assets that are not collected included: what its silence is judged by.",
    50_112,
  ),
  delivered_symbols: z.record(z.string(), z.int().nullable()).meta({
    description:
      "The same by base asset, of those that are collected; absent where it delivered none, null where the venue no longer lists it.",
    examples: [{ BTC: 8_120, ETH: 7_904 }],
  }),
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
  backfills: z.array(backfillStatus).meta({
    description:
      "Ranges that are read from the venue's REST history, the next one first, at most 20; those that were given up are listed for a day. Empty where nothing is left to read or the venue has no such history.",
    examples: [[]],
  }),
  backfills_total: count("Number of all such ranges."),
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
  adl_state: adlStatus.nullable().meta({
    description: "State of the venue's auto-deleveraging, by contract; null where it does not publish any.",
  }),
} satisfies FieldsOf<FeedStatus>;

export const feedStatusSchema = z
  .object({ ...feedStatus, error: z.null() })
  .meta({ id: "FeedStatus", description: "Status of a venue's feed." });

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

const jobStatus = z
  .object({
    job: z.string().meta({ description: "Name of the job.", examples: ["signals"] }),
    runs: count("Number of runs since the first one.", 4_310),
    failures: count("Number of runs that failed."),
    last_run_time: timeMs.meta({ description: "Scheduled minute of the last run, milliseconds since 1970 UTC." }),
    last_success_time: timeMs.nullable().meta({
      description: "Scheduled minute of the last run that succeeded, milliseconds since 1970 UTC; null if none has.",
    }),
    last_duration_ms: z.number().meta({ description: "Duration of the last run, milliseconds.", examples: [42] }),
    last_error: z
      .string()
      .nullable()
      .meta({ description: "Error of the last run, at most 500 characters; null if it succeeded.", examples: [null] }),
  } satisfies FieldsOf<JobStatus>)
  .meta({ id: "JobStatus", description: "Outcome of the last runs of a job of the cron." });

const versions = z
  .object({
    schema: z.int().meta({ description: "Version of the list of fields of a liquidation.", examples: [1] }),
    adapters: z
      .partialRecord(z.enum(EXCHANGES), z.int())
      .meta({ description: "Version of each venue's adapter.", examples: [ADAPTER_VERSIONS] }),
    worker: z
      .string()
      .nullable()
      .meta({
        description: "Cloudflare's id of the deployed version of the Worker; null where the platform does not say.",
        examples: ["5f0d1b7e-7a0b-4f0e-9c39-1f6f3f4f2a11"],
      }),
  })
  .meta({ description: "Current versions. Each row carries the versions of fields and adapter it was written with." });

const venueStatusSchema = z.union([feedStatusSchema, unavailableFeed]);
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

const ruleModel = z
  .object({
    version: z.string().meta({
      description: "Version of the rule model that decides: rules-v1, or rules-v2 with the hash of a trained model.",
      examples: ["rules-v1"],
    }),
    reason: z
      .string()
      .nullable()
      .meta({
        description: "Reason why no trained model decides; null where one does.",
        examples: ["no model is installed under models/rule-model.json"],
      }),
    trained_from: timeMs.nullable().meta({
      description: "Minute of the first decision that it was trained on, milliseconds since 1970 UTC; null for rules-v1.",
      examples: [null],
    }),
    trained_to: timeMs.nullable().meta({
      description: "Minute of the last decision that it was trained on, milliseconds since 1970 UTC; null for rules-v1.",
      examples: [null],
    }),
    episodes: z
      .int()
      .nullable()
      .meta({ description: "Number of episodes of 4 hours that it was trained on; null for rules-v1.", examples: [null] }),
  })
  .meta({ id: "RuleModelStatus", description: "The rule model that decides without a language model, and beside it." });
export type RuleModelStatus = z.output<typeof ruleModel>;

const cascadeForecast = z
  .object({
    score_kind: z
      .literal("calibrated")
      .nullable()
      .meta({
        description: "Set to calibrated where a model that passed its test forecasts cascades; null where none does.",
        examples: [null],
      }),
    reason: z
      .string()
      .nullable()
      .meta({
        description: "Reason why no forecast is shown; null where one is.",
        examples: ["no model is installed under models/cascade-forecast.json"],
      }),
    model_hash: z
      .string()
      .nullable()
      .meta({ description: "SHA-256 of the model; null without one.", examples: [null] }),
    highest: z
      .array(forecastSchema)
      .nullable()
      .meta({
        description:
          "The 10 highest forecasts that hold now; `GET /v1/cascades/forecast` has all. Null without a model, or where the hub does not respond.",
        examples: [null],
      }),
  })
  .meta({ id: "CascadeForecastStatus", description: "State of the forecast of cascades: the model, or the reason why there is none." });
export type CascadeForecastStatus = z.output<typeof cascadeForecast>;

const watchedPage = z
  .object({
    venue: z.string().meta({ description: "Name of the venue.", examples: ["okx"] }),
    url: z.string().meta({ description: "Address of the page.", examples: ["https://www.okx.com/docs-v5/log_en/"] }),
    checked_time: lastTime("Last time at which the page was read"),
    changed_time: lastTime("Time at which the newest change was found"),
    added: z.array(z.string()).meta({
      description:
        "First new lines of the newest change, cut to a maximum length. It is text of the venue: escape it. Empty if there was none.",
      examples: [[]],
    }),
    added_lines: count("Number of new lines of the newest change."),
    removed_lines: count("Number of lines that the newest change removed."),
    error: z
      .string()
      .nullable()
      .meta({ description: "Error of the last attempt; null where it succeeded.", examples: [null] }),
    failing_since: timeMs.nullable().meta({
      description: "Time of the first of the failed attempts, milliseconds since 1970 UTC; null where the last one succeeded.",
      examples: [null],
    }),
  } satisfies FieldsOf<WatchedPage>)
  .meta({ id: "WatchedPage", description: "The page on which a venue announces changes of its API, read once a day." });

const venueWithoutFeed = z
  .object({
    venue: z.string().meta({ description: "Name of the venue.", examples: ["mexc"] }),
    title: z.string().meta({ description: "Title of the venue, with its market.", examples: ["MEXC futures"] }),
    probed_time: lastTime("Last time at which the venue answered the questions for a feed"),
    topics_asked: count("Number of likely topics that it is asked for.", 7),
    topics_refused: count("Number of those that it refused.", 7),
    topics_unanswered: count("Number of those that it did not answer."),
    topics_accepted: z.array(z.string()).meta({
      description: "Topics that it accepted. Whether they deliver is not known: some venues accept anything. Empty where it accepted none.",
      examples: [[]],
    }),
    found_time: lastTime("Time at which a topic was first accepted").meta({ examples: [null] }),
    next_time: timeMs.nullable().meta({
      description: "Earliest time of the next request, milliseconds since 1970 UTC; null where it is not asked, by LIQUIDATION_PROBES.",
    }),
    error: z
      .string()
      .nullable()
      .meta({
        description: "Reason for which the last attempt proves nothing; null where it does, and before the first one.",
        examples: [null],
      }),
    failing_since: timeMs.nullable().meta({
      description: "Time of the first of the failed attempts, milliseconds since 1970 UTC; null where the last one succeeded.",
      examples: [null],
    }),
  } satisfies FieldsOf<VenueWithoutFeedStatus>)
  .meta({ id: "VenueWithoutFeed", description: "A venue that publishes no liquidations, asked once a week whether it does by now." });

const venueNotice = z
  .object({
    venue: z.string().meta({ description: "Name of the venue.", examples: ["okx"] }),
    kind: z.enum(NOTICE_KINDS).meta({
      description:
        "Subject of the notice. change_log: the venue's change log changed in the last 14 days. change_log_failing: it could not be read for three days. liquidation_feed: a venue without a feed accepts a likely topic.",
    }),
    time: timeMs.meta({ description: "Time since when it holds, milliseconds since 1970 UTC." }),
    text: z.string().meta({
      description: "The notice in one sentence. It may quote text of the venue: escape it.",
      examples: ["The change log of okx has 2 new lines: 2026-09-30 / WebSocket connections on port 8443 end on 2026-10-31."],
    }),
    url: z.string().nullable().meta({ description: "Address of the page; null where there is none." }),
  } satisfies FieldsOf<VenueNotice>)
  .meta({ id: "VenueNotice", description: "News of a venue that the operator should read." });

const venueWatch = z
  .object({
    notices: z.array(venueNotice).meta({ description: "News of venues, newest first; empty if there are none.", examples: [[]] }),
    change_logs: z.array(watchedPage).meta({ description: "Change logs of the collected venues and of those without a feed." }),
    without_feed: z.array(venueWithoutFeed).meta({ description: "Venues that publish no liquidations." }),
  } satisfies FieldsOf<VenueWatch>)
  .meta({ id: "VenueWatch", description: "Change logs and other pages of venues that are watched beside the feeds." });

export const statusSchema = z
  .object({
    time: timeMs.meta({ description: "Current time, milliseconds since 1970 UTC." }),
    versions,
    exchanges: z.array(venueStatusSchema).meta({ description: "Status of every venue, including those that are off." }),
    symbols,
    spike_rule: ruleState
      .nullable()
      .meta({ description: "State of the spike rule; null before its first minute and while D1 does not respond." }),
    rule_model: ruleModel,
    cascade_forecast: cascadeForecast,
    jobs: z.array(jobStatus).nullable().meta({
      description: "Outcome of the last runs of each job of the cron, by name. Empty before the first run; null while D1 does not respond.",
    }),
    dead_letters: z.array(deadLetterQueue).nullable().meta({
      description:
        "Queues with records that a store or a receiver refuses for good. They were given up, so that they hold up none behind them. Rows that a sink refuses are counted in its `rows_refused`. Empty if there are none; null while D1 does not respond.",
    }),
    venue_watch: venueWatch
      .nullable()
      .meta({ description: "Change logs of venues, venues without a feed, and news of both; null while D1 does not respond." }),
    silence: z.array(silenceSchema).nullable().meta({
      description:
        "Whether the silence of each configured venue is explained by the activity of the others; null while D1 does not respond.",
    }),
    parts_off: z.array(partOff).meta({ description: "Optional parts that are off, and what each of them lacks." }),
  })
  .meta({ id: "Status", description: "Status of the feeds, sinks and optional parts." });
