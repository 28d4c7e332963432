import * as z from "zod";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { WATCHED_PARTS } from "../../../src/operations.ts";
import { EXPORT_FORMATS } from "../../../src/exports/export-request.ts";
import { MAX_PER_MINUTE } from "../../../durable-objects/webhook-outbox/minute-limit.ts";
import { MAX_ADDED_LINES, MAX_LINE } from "../../../src/venue-watch/page-change.ts";
import { type EventData, type EventType, VENUE_CHANGES } from "../../../src/webhooks/event.ts";
import { timeMs } from "../http/answer.ts";
import { cascadeRecordSchema } from "./cascade.ts";
import { ADL_STATE_TEXT, adlState, insuranceFund, insuranceFundCurrency } from "./adl.ts";
import type { FieldsOf } from "./fields-of.ts";
import { liquidationExample } from "./liquidation-example.ts";
import { liquidationSchema } from "./liquidation.ts";
import { clearedReason, othersEvents, silenceProbability, silentSince, silentSymbol } from "./silence.ts";
import { ledgerAnchorSchema } from "./ledger-check.ts";
import { ruleHappening } from "./rule.ts";
import { decisionSchema, gradedDecisionSchema } from "./signal.ts";

const exchange = z.enum(EXCHANGES);
const since = timeMs.meta({ description: "Time at which the connection was lost, milliseconds since 1970 UTC." });

const feedDegraded = z
  .object({
    exchange,
    state: z.enum(["degraded", "stale", "connecting", "blocked", "off", "unreachable"]).meta({
      description:
        "State of the feed. degraded: its storage refuses to write. off: it has no socket. unreachable: the feed did not respond.",
    }),
    since,
    error: z
      .string()
      .nullable()
      .meta({ description: "Last error of a socket or of the storage of the feed; null where unknown.", examples: ["HTTP 451"] }),
  })
  .meta({ id: "FeedDegraded", description: "A venue that has not been connected for 60 s." });

const adlWarning = z
  .object({
    exchange,
    symbol: z.string().meta({ description: "Base asset.", examples: ["BTC"] }),
    instrument: z.string().meta({ description: "The venue's name of the contract.", examples: ["BTC-USDT-SWAP"] }),
    state: adlState.extract(["warning", "adl"]).meta({
      description: "State of auto-deleveraging. warning: the venue warns that it may deleverage positions. adl: positions are deleveraged.",
    }),
    previous_state: adlState.nullable().meta({ description: `State before; null where it was not known. ${ADL_STATE_TEXT}` }),
    since: timeMs.meta({ description: "Start of the state, by the venue's time, milliseconds since 1970 UTC." }),
    received_time: timeMs.meta({ description: "Time at which it was received, milliseconds since 1970 UTC." }),
    insurance_fund: insuranceFund,
    insurance_fund_currency: insuranceFundCurrency,
  })
  .meta({ id: "AdlWarning", description: "A venue warns that it may deleverage positions of a contract, or deleverages them." });

const feedRecovered = z
  .object({
    exchange,
    state: z.literal("live"),
    since,
    recovered_time: timeMs.meta({ description: "Time at which the venue was connected again, milliseconds since 1970 UTC." }),
    duration_ms: z.int().meta({ description: "Length of the outage, ms.", examples: [94_000] }),
  })
  .meta({ id: "FeedRecovered", description: "A venue that is connected again." });

const feedSuspect = z
  .object({
    exchange,
    symbol: silentSymbol,
    since: silentSince,
    silent_minutes: z.int().meta({ description: "Number of minutes of the silence that count as evidence.", examples: [9] }),
    silence_probability: silenceProbability,
    others_events: othersEvents,
  })
  .meta({
    id: "FeedSuspect",
    description:
      "A venue that is connected, but silent for longer than the activity of the others explains, as a whole or for one base asset.",
  });

const feedCleared = z
  .object({
    exchange,
    symbol: silentSymbol,
    since: silentSince,
    reason: clearedReason,
    suspect_time: timeMs.meta({ description: "Time at which the silence became suspect, milliseconds since 1970 UTC." }),
    cleared_time: timeMs.meta({ description: "Time at which the silence was seen to have ended, milliseconds since 1970 UTC." }),
    duration_ms: z.int().meta({ description: "Length of the silence, ms.", examples: [1_260_000] }),
    others_events: othersEvents,
  })
  .meta({ id: "FeedCleared", description: "A suspect venue, or a base asset on it, whose silence ended." });

const part = z.enum(WATCHED_PARTS).meta({
  description: "Part of the Worker. cron: the jobs of the minute. hub: the object where all venues meet.",
});

const operationsDegraded = z
  .object({
    part,
    since: timeMs.meta({ description: "Last time at which the part is known to have worked, milliseconds since 1970 UTC." }),
    error: z.string().meta({ description: "Reason.", examples: ["the jobs of the minute did not run"] }),
  })
  .meta({ id: "OperationsDegraded", description: "A part of the Worker that has stopped." });

const operationsRecovered = z
  .object({
    part,
    since: timeMs.meta({ description: "Last time at which the part is known to have worked before, milliseconds since 1970 UTC." }),
    recovered_time: timeMs.meta({ description: "Time at which the part worked again, milliseconds since 1970 UTC." }),
    duration_ms: z.int().meta({ description: "Length of the outage, ms.", examples: [420_000] }),
  })
  .meta({ id: "OperationsRecovered", description: "A part of the Worker that works again." });

const signalsSuspended = z
  .object({
    since: timeMs.meta({ description: "First minute in which rises did not count, milliseconds since 1970 UTC." }),
    compared_share: z
      .number()
      .meta({ description: "Share of the covered venues in the USD of the last 7 days, 0 to 1: below 0.9.", examples: [0.67] }),
    missing_exchanges: z
      .array(exchange)
      .meta({ description: "Venues that were not covered in the window and the one before.", examples: [["binance"]] }),
  })
  .meta({
    id: "SignalsSuspended",
    description: "Rises do not count, because too few venues were covered in both windows; percentiles from 0.99 still do.",
  });

const signalsResumed = z
  .object({
    since: timeMs.meta({ description: "Start of the suspension, milliseconds since 1970 UTC." }),
    resumed_time: timeMs.meta({ description: "First minute in which rises count again, milliseconds since 1970 UTC." }),
    duration_ms: z.int().meta({ description: "Length of the suspension, ms.", examples: [1_860_000] }),
  })
  .meta({ id: "SignalsResumed", description: "Rises count again." });

const exportReady = z
  .object({
    export_id: z.string().meta({ description: "Id of the export.", examples: ["exp_51d2c7a09be34f6e8c1f0b7d93a4e265"] }),
    owner: z.string().meta({ description: "Id of the API key that created the export, or admin.", examples: ["admin"] }),
    rows: z.int().meta({ description: "Number of rows.", examples: [18_204] }),
    bytes: z
      .int()
      .nullable()
      .meta({ description: "Total size of all files in bytes.", examples: [2_912_640] }),
    files: z
      .int()
      .nullable()
      .meta({ description: "Number of files.", examples: [1] }),
    format: z.enum(EXPORT_FORMATS),
    start: timeMs.meta({ description: "Start of the range, inclusive, milliseconds since 1970 UTC.", examples: [1_795_132_800_000] }),
    end: timeMs.meta({ description: "End of the range, exclusive, milliseconds since 1970 UTC.", examples: [1_795_219_200_000] }),
    expires_time: timeMs.nullable().meta({ description: "Time at which the files are deleted, milliseconds since 1970 UTC." }),
  })
  .meta({ id: "ExportReady", description: "An export with files ready for download." });

const endpointIdentity = {
  endpoint_id: z.string().meta({ description: "Id of the webhook endpoint.", examples: ["whe_3f0c9a6de2b84c51a7d4e8f29b60c135"] }),
  owner: z.string().meta({ description: "Id of the API key that created the endpoint, or admin.", examples: ["admin"] }),
  url: z
    .string()
    .meta({ description: "URL of the deliveries, as the endpoint shows it.", examples: ["https://example.com/hooks/liquidations"] }),
  description: z
    .string()
    .nullable()
    .meta({ description: "Description of the endpoint.", examples: ["desk alerts"] }),
};

const webhookFailing = z
  .object({
    ...endpointIdentity,
    failing_since: timeMs.meta({ description: "Time of the first failure in a row, milliseconds since 1970 UTC." }),
    will_be_disabled_time: timeMs.meta({
      description: "Earliest time at which further failures disable the endpoint, milliseconds since 1970 UTC.",
    }),
    error: z.string().meta({ description: "Error of the last attempt.", examples: ["HTTP 500"] }),
  })
  .meta({ id: "WebhookFailing", description: "An endpoint that will be disabled unless deliveries succeed again." });

const webhookDisabled = z
  .object({
    ...endpointIdentity,
    disabled_time: timeMs.meta({ description: "Time at which the endpoint was disabled, milliseconds since 1970 UTC." }),
    reason: z.string().meta({
      description: "Reason why the endpoint was disabled.",
      examples: ["20 consecutive failed attempts, the last with: HTTP 500"],
    }),
  })
  .meta({ id: "WebhookDisabled", description: "An endpoint that receives no events until it is enabled." });

const largeLiquidation = liquidationSchema
  .extend({
    not_sent: z.int().meta({
      description: `Number of liquidations of at least the size the endpoint asks for that were not sent since the one before, because at most ${MAX_PER_MINUTE} are sent within any 60 s.`,
      examples: [0],
    }),
  })
  .meta({
    id: "LargeLiquidation",
    description:
      "One forced liquidation of at least the size that the endpoint asks for, as the stream sends it: the price impact is not known yet. Null means unknown, not applicable or too old; zero is a measured zero.",
    examples: [{ ...liquidationExample, not_sent: 0 }],
  });

const { kind: _kind, ...happening } = ruleHappening;
const ruleOf = {
  rule_id: z.string().meta({ description: "Id of the rule.", examples: ["rul_3f0c9a6de2b84c51a7d4e8f29b60c135"] }),
  owner: z.string().meta({ description: "Id of the API key that created the rule, or admin.", examples: ["admin"] }),
  name: z.string().meta({ description: "Name of the rule.", examples: ["Longs over their 99th percentile"] }),
  rule: z.string().meta({
    description: "The rule in the language of rules.",
    examples: ["long_usd_5m > p99(long_usd_5m, 7d) and spread_bps < 5 for 30s"],
  }),
};
const notSent = z.int().meta({
  description: "Number of happenings since the delivery before that were not sent, because too many came within an hour.",
  examples: [0],
});

const summed = z.array(exchange).meta({
  description: "Collected venues, which sums over venues are of: lower bounds where one of them publishes only a part.",
  examples: [["binance", "okx"]],
});
const ruleHappened = z.object(ruleHappening).meta({ id: "RuleHappening", description: "Something that happened to a rule." });

const ruleNews = z
  .object({ ...ruleOf, ...happening, exchanges: summed, not_sent: notSent })
  .meta({ id: "RuleNews", description: "Something that happened to a rule. Values that are null are unknown." });

const ruleDigest = z
  .object({
    ...ruleOf,
    from_time: timeMs.meta({ description: "Time of the first happening, milliseconds since 1970 UTC." }),
    to_time: timeMs.meta({ description: "Time of the last one, milliseconds since 1970 UTC." }),
    fired: z.int().meta({ description: "Number of times that the rule fired.", examples: [3] }),
    undetermined: z.int().meta({ description: "Number of times that it was undetermined.", examples: [0] }),
    by_symbol: z
      .array(
        z.object({
          symbol: z.string().meta({ description: "Base asset.", examples: ["BTC"] }),
          fired: z.int().meta({ description: "Number of times that the rule fired for it.", examples: [3] }),
          undetermined: z.int().meta({ description: "Number of times that it was undetermined for it.", examples: [0] }),
        }),
      )
      .meta({ description: "The same by base asset, in alphabetical order." }),
    largest: ruleHappened.nullable().meta({
      description:
        "The firing with the largest USD: of its liquidation, else the largest one of the windows and cascades of the rule; null without either.",
    }),
    exchanges: summed,
    silent_exchanges: z
      .array(exchange)
      .optional()
      .meta({
        description:
          "Collected venues that were not connected at any of what happened, also of what events does not list; absent before 2026-11-29.",
        examples: [[]],
      }),
    not_sent: notSent,
    events: z.array(ruleHappened).meta({ description: "The latest 20, newest first." }),
  })
  .meta({ id: "RuleDigest", description: "Events of a rule in its quiet hours, or since its digest before." });

const webhookTest = z
  .object({
    endpoint_id: z.string().meta({ description: "Id of the webhook endpoint.", examples: ["whe_3f0c9a6de2b84c51a7d4e8f29b60c135"] }),
  })
  .meta({ id: "WebhookTest", description: "Test event." });

const venueChanged = z
  .object({
    venue: z.string().meta({ description: "Name of the venue, which need not be one that is collected.", examples: ["okx"] }),
    change: z.enum(VENUE_CHANGES).meta({
      description:
        "Kind of the change. change_log: the text of the page on which the venue announces changes. liquidation_feed: a venue that publishes no liquidations accepted a subscription to a likely topic; whether it delivers is not known.",
    }),
    url: z.string().meta({ description: "Address that was read or asked.", examples: ["https://www.okx.com/docs-v5/log_en/"] }),
    found_time: timeMs.meta({ description: "Time at which the change was found, milliseconds since 1970 UTC." }),
    previous_time: timeMs.nullable().meta({
      description: "Last time before at which the venue was looked at successfully, milliseconds since 1970 UTC; null if there was none.",
    }),
    added: z.array(z.string()).meta({
      description: `First new lines of the page, at most ${MAX_ADDED_LINES} of at most ${MAX_LINE} characters, or the accepted topics. It is text of the venue: escape it.`,
      examples: [["2026-09-30", "WebSocket connections on port 8443 end on 2026-10-31."]],
    }),
    added_lines: z.int().meta({ description: "Number of new lines, or of accepted topics.", examples: [2] }),
    removed_lines: z.int().meta({ description: "Number of lines that are gone.", examples: [0] }),
  })
  .meta({ id: "VenueChanged", description: "News of a venue's API." });

interface EventSchema<Type extends EventType> {
  readonly summary: string;
  readonly data: z.ZodObject<FieldsOf<EventData[Type]>>;
}

/** The payload of each event type. */
export const WEBHOOK_EVENTS: { readonly [Type in EventType]: EventSchema<Type> } = {
  "signal.issued": { summary: "A decision was added to the ledger", data: decisionSchema },
  "signal.graded": { summary: "A decision was graded over one horizon", data: gradedDecisionSchema },
  "signals.suspended": { summary: "Rises no longer count, because venues are not covered", data: signalsSuspended },
  "signals.resumed": { summary: "Rises count again", data: signalsResumed },
  "cascade.started": { summary: "A cascade became active", data: cascadeRecordSchema },
  "cascade.escalated": { summary: "A cascade became more severe or market-wide", data: cascadeRecordSchema },
  "cascade.ended": { summary: "A cascade ended", data: cascadeRecordSchema },
  "liquidation.large": { summary: "A liquidation was at least as large as the endpoint asks for", data: largeLiquidation },
  "adl.warning": { summary: "A venue warns of auto-deleveraging, or deleverages", data: adlWarning },
  "rule.fired": { summary: "The condition of a rule held", data: ruleNews },
  "rule.escalated": { summary: "The condition of a rule went on holding", data: ruleNews },
  "rule.undetermined": { summary: "A field that decides a rule is unknown", data: ruleNews },
  "rule.digest": { summary: "Events of a rule in the time of a digest", data: ruleDigest },
  "feed.degraded": { summary: "A venue has not been connected for 60 s", data: feedDegraded },
  "feed.recovered": { summary: "A venue is connected again", data: feedRecovered },
  "feed.suspect": { summary: "A connected venue, or a base asset on it, is silent for longer than the others explain", data: feedSuspect },
  "feed.cleared": { summary: "The silence of a suspect venue or base asset ended", data: feedCleared },
  "operations.degraded": { summary: "The cron or the hub has stopped", data: operationsDegraded },
  "operations.recovered": { summary: "The cron or the hub works again", data: operationsRecovered },
  "export.ready": { summary: "An export is ready for download", data: exportReady },
  "webhook.failing": { summary: "An endpoint fails and will be disabled", data: webhookFailing },
  "webhook.disabled": { summary: "An endpoint was disabled", data: webhookDisabled },
  "ledger.anchored": { summary: "The ledger was anchored at the end of a UTC day", data: ledgerAnchorSchema },
  "venue.changed": { summary: "A venue's change log changed, or a venue without a feed may have one", data: venueChanged },
  "webhook.test": { summary: "A test event was requested", data: webhookTest },
};
