import * as z from "zod";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { EXPORT_FORMATS } from "../../../src/exports/export-request.ts";
import type { EventData, EventType } from "../../../src/webhooks/event.ts";
import { timeMs } from "../http/answer.ts";
import { cascadeRecordSchema } from "./cascade.ts";
import type { FieldsOf } from "./fields-of.ts";
import { ledgerAnchorSchema } from "./ledger-check.ts";
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

const feedRecovered = z
  .object({
    exchange,
    state: z.literal("live"),
    since,
    recovered_time: timeMs.meta({ description: "Time at which the venue was connected again, milliseconds since 1970 UTC." }),
    duration_ms: z.int().meta({ description: "Length of the outage, ms.", examples: [94_000] }),
  })
  .meta({ id: "FeedRecovered", description: "A venue that is connected again." });

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

const webhookTest = z
  .object({
    endpoint_id: z.string().meta({ description: "Id of the webhook endpoint.", examples: ["whe_3f0c9a6de2b84c51a7d4e8f29b60c135"] }),
  })
  .meta({ id: "WebhookTest", description: "Test event." });

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
  "feed.degraded": { summary: "A venue has not been connected for 60 s", data: feedDegraded },
  "feed.recovered": { summary: "A venue is connected again", data: feedRecovered },
  "export.ready": { summary: "An export is ready for download", data: exportReady },
  "webhook.failing": { summary: "An endpoint fails and will be disabled", data: webhookFailing },
  "webhook.disabled": { summary: "An endpoint was disabled", data: webhookDisabled },
  "ledger.anchored": { summary: "The ledger was anchored at the end of a UTC day", data: ledgerAnchorSchema },
  "webhook.test": { summary: "A test event was requested", data: webhookTest },
};
