import * as z from "zod";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { EXPORT_FORMATS } from "../../../src/exports/export-request.ts";
import type { EventType } from "../../../src/webhooks/event.ts";
import { timeMs } from "../http/answer.ts";
import { cascadeRecordSchema } from "./cascade.ts";
import { decisionSchema, gradedDecisionSchema } from "./signal.ts";

const exchange = z.enum(EXCHANGES);
const since = timeMs.meta({ description: "Since when the venue is not heard, milliseconds since 1970 UTC." });

const feedDegraded = z
  .object({
    exchange,
    state: z.enum(["stale", "connecting", "blocked", "unreachable"]).meta({ description: "unreachable: the feed could not be asked." }),
    since,
    error: z
      .string()
      .nullable()
      .meta({ description: "What a socket of it last failed with; null where unknown.", examples: ["HTTP 451"] }),
  })
  .meta({ id: "FeedDegraded", description: "A venue that was not heard for 60 s." });

const feedRecovered = z
  .object({
    exchange,
    state: z.literal("live"),
    since,
    recovered_time: timeMs.meta({ description: "Since when it is heard again, milliseconds since 1970 UTC." }),
    duration_ms: z.int().meta({ description: "How long it was not heard, ms.", examples: [94_000] }),
  })
  .meta({ id: "FeedRecovered", description: "A venue that is heard again." });

const exportReady = z
  .object({
    export_id: z.string().meta({ examples: ["exp_51d2c7a09be34f6e8c1f0b7d93a4e265"] }),
    owner: z.string().meta({ description: "The key that asked for it, or admin.", examples: ["admin"] }),
    rows: z.int().meta({ description: "Rows written.", examples: [18_204] }),
    bytes: z
      .int()
      .nullable()
      .meta({ description: "Of all files.", examples: [2_912_640] }),
    files: z
      .int()
      .nullable()
      .meta({ description: "How many there are.", examples: [1] }),
    format: z.enum(EXPORT_FORMATS),
    start: timeMs.meta({ description: "Of the range, milliseconds since 1970 UTC." }),
    end: timeMs.meta({ description: "Of the range, not in it, milliseconds since 1970 UTC." }),
    expires_time: timeMs.nullable().meta({ description: "When its files are deleted, milliseconds since 1970 UTC." }),
  })
  .meta({ id: "ExportReady", description: "An export whose files are there." });

const webhookTest = z
  .object({ endpoint_id: z.string().meta({ examples: ["whe_3f0c9a6de2b84c51a7d4e8f29b60c135"] }) })
  .meta({ id: "WebhookTest", description: "What the test route sends." });

/** What each type of event tells. */
export const WEBHOOK_EVENTS: Readonly<Record<EventType, { readonly summary: string; readonly data: z.ZodType }>> = {
  "signal.issued": { summary: "A decision is in the ledger, NOTHING included", data: decisionSchema },
  "signal.graded": { summary: "What became of a decision over one horizon", data: gradedDecisionSchema },
  "cascade.started": { summary: "A cascade became active", data: cascadeRecordSchema },
  "cascade.escalated": { summary: "A cascade's severity rose, or it became market-wide", data: cascadeRecordSchema },
  "cascade.ended": { summary: "A cascade has ended", data: cascadeRecordSchema },
  "feed.degraded": { summary: "A venue is not heard for 60 s", data: feedDegraded },
  "feed.recovered": { summary: "A venue is heard again", data: feedRecovered },
  "export.ready": { summary: "An export's files are there", data: exportReady },
  "webhook.test": { summary: "The test that was asked for", data: webhookTest },
};
