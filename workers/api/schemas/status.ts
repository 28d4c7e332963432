import * as z from "zod";
import type { FeedStatus, SinkStatus, SocketStatus, SymbolStatus } from "../../../src/feed-status.ts";
import { COVERAGES, EXCHANGES } from "../../../src/liquidation-fields.ts";
import type { SinkName } from "../../../src/sink.ts";
import { gapSchema, timeMs } from "../http/answer.ts";
import type { PartOff } from "../../optional-parts.ts";
import type { FieldsOf } from "./fields-of.ts";

const count = (description: string, example = 0) => z.int().meta({ description, examples: [example] });
const lastTime = (description: string) =>
  timeMs.nullable().meta({ description: `${description}, milliseconds since 1970 UTC; null where there was none yet.` });

const coverage = z.enum(COVERAGES).meta({
  description: "What the venue's feed carries of its liquidations, by its own word.",
  examples: ["largest_per_second"],
});
const state = z.enum(["live", "stale", "connecting", "blocked", "off"]).meta({
  description:
    "live: the control stream flows; stale: a socket is open but it does not; connecting; blocked: the venue refuses this location (HTTP 403 or 451); off: not configured.",
});

const socketStatus = z
  .object({
    name: z.string().meta({ description: "Tells the feed's sockets apart.", examples: ["main"] }),
    role: z.enum(["liquidations", "market"]).meta({ description: "What it is for." }),
    state,
    since: timeMs.meta({ description: "Since when it is in this state, milliseconds since 1970 UTC." }),
    last_frame_time: lastTime("When the last frame of any kind came"),
    last_control_time: lastTime("When the control stream (the mark price) was last heard"),
    reconnects: count("How often it was connected anew."),
    last_error: z.string().nullable().meta({ description: "Why it last failed; null where it never did." }),
  } satisfies FieldsOf<SocketStatus>)
  .meta({ id: "SocketStatus", description: "One socket of a feed." });

const sinkStatus = z
  .object({
    off: z.string().nullable().meta({ description: "Why it is off; null where it is on." }),
    rows_stored: count("Rows it has stored.", 48_198),
    rows_refused: count("Rows its store would not take, whatever was tried."),
    backlog_batches: count("Sealed batches it has yet to store; 0 where it is off."),
    backlog_rows: count("Rows of those batches."),
    oldest_unstored_event_time: timeMs.nullable().meta({
      description: "Event time of the oldest row it has not stored, milliseconds since 1970 UTC; null where it has all or is off.",
    }),
    last_success_time: lastTime("When it last stored something"),
    last_error: z.string().nullable().meta({ description: "Why it last failed; null where it never did." }),
    last_error_time: lastTime("When it last failed"),
  } satisfies FieldsOf<SinkStatus>)
  .meta({ id: "SinkStatus", description: "How far one store is behind the journal." });

const symbolStatus = z
  .object({
    long_events: count("Liquidated longs since 00:00 UTC.", 1_402),
    long_usd: z.number().meta({ description: "Their usd_value, those without one left out.", examples: [41_250_300.5] }),
    short_events: count("Liquidated shorts since 00:00 UTC.", 909),
    short_usd: z.number().meta({ description: "Their usd_value, those without one left out.", examples: [18_904_700] }),
  } satisfies FieldsOf<SymbolStatus>)
  .meta({ id: "SymbolStatus", description: "Today's (UTC) liquidations of a base asset, without inferred ones." });

const symbols = z
  .record(z.string(), symbolStatus)
  .meta({ description: "Today's (UTC) liquidations by base asset, without inferred ones." });

const feedStatus = {
  exchange: z.enum(EXCHANGES),
  state,
  since: timeMs.meta({ description: "Since when it is in this state, milliseconds since 1970 UTC." }),
  coverage,
  inferred: z
    .boolean()
    .meta({ description: "Whether liquidations are inferred from trades beside it; their rows say so in their own coverage." }),
  warnings: z.array(z.string()).meta({
    description: "What an operator should mend although the feed may run, one sentence each. Empty where there is nothing.",
    examples: [[]],
  }),
  sockets: z.array(socketStatus),
  last_frame_time: lastTime("When the last frame came"),
  last_event_time: lastTime("The venue's time of the last liquidation"),
  events_total: count("Distinct rows journaled since the journal began, inferred ones included.", 48_210),
  inferred_total: count("Those of them that were inferred: in no sum and no total."),
  events_today: count("Liquidations reported since 00:00 UTC, without inferred ones.", 2_311),
  duplicates: count("Liquidations that came again and were counted once."),
  skipped: count("Liquidations of base assets that are not collected."),
  executions: count("Executions kept as detail."),
  executions_unmatched: count("Executions whose position never showed."),
  too_old: count("Liquidations more than 24 h old, which cannot be told from repetitions and are not stored."),
  rejects: count("Frames that could not be read."),
  reconnects: count("How often a socket was connected anew."),
  gaps_total: count("Ended and open gaps since the journal began."),
  open_gap: gapSchema.nullable().meta({ description: "The gap that lasts; null while the venue is heard.", examples: [null] }),
  unsealed_rows: count("Rows not yet in a batch."),
  journal_rows: count("Rows the journal holds.", 5_120),
  sinks: z
    .object({ r2: sinkStatus, d1: sinkStatus, supabase: sinkStatus, pipeline: sinkStatus } satisfies FieldsOf<Record<SinkName, SinkStatus>>)
    .meta({ description: "By store." }),
  symbols,
  instruments: z
    .object({
      count: count("Contracts known.", 412),
      source: z.enum(["rest", "fallback"]).meta({ description: "rest: the venue's own list; fallback: the built-in one." }),
      loaded_time: lastTime("When the venue's list was read"),
    })
    .meta({ description: "The table of contracts, which gives their sizes." }),
  liquidation_topic_found: z
    .string()
    .nullable()
    .meta({ description: "The liquidation topic a probe found on a venue that publishes none; null while there is none." }),
} satisfies FieldsOf<FeedStatus>;

const heardVenue = z
  .object({ ...feedStatus, error: z.null() })
  .meta({ id: "FeedStatus", description: "What a venue's feed says of itself." });

const unheardVenue = z
  .object({
    exchange: z.enum(EXCHANGES),
    state: z.literal("off").nullable().meta({ description: "off: not configured; null: the feed could not be asked." }),
    coverage,
    error: z.string().meta({ description: "Why there is no more to say." }),
  })
  .meta({ id: "UnheardVenue", description: "A venue that is off, or whose feed could not be asked." });

const partOff = z
  .object({
    part: z.string().meta({ examples: ["telegram"] }),
    reason: z.string().meta({ examples: ["TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID are not set"] }),
  } satisfies FieldsOf<PartOff>)
  .meta({ id: "PartOff", description: "An optional part that is off, and why." });

const versions = z
  .object({
    schema: z.int().meta({ description: "Of the list of a liquidation's fields.", examples: [1] }),
    adapters: z
      .partialRecord(z.enum(EXCHANGES), z.int())
      .meta({ description: "Of each venue's adapter.", examples: [{ binance: 1, bybit: 1, okx: 1, kucoin: 1, bitfinex: 1 }] }),
  })
  .meta({ description: "Versions; rows carry those they were made with." });

const venueStatusSchema = z.union([heardVenue, unheardVenue]);
export type VenueStatus = z.output<typeof venueStatusSchema>;

export const statusSchema = z
  .object({
    time: timeMs.meta({ description: "Now, milliseconds since 1970 UTC." }),
    versions,
    exchanges: z.array(venueStatusSchema).meta({ description: "Every venue there is, those that are off included." }),
    symbols,
    off: z.array(partOff).meta({ description: "Optional parts that are off, and what each one misses." }),
  })
  .meta({ id: "Status", description: "What runs, what does not and why." });
