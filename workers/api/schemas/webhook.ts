import * as z from "zod";
import type { DeliveryAttempt } from "../../../src/webhooks/delivery.ts";
import { EVENT_TYPES } from "../../../src/webhooks/event.ts";
import { ACTIONS } from "../../../src/signals/verdict.ts";
import { UPDATES } from "../../../src/webhooks/formats/chat-request.ts";
import { FORMATS } from "../../../src/webhooks/formats/format.ts";
import type { LoggedDelivery } from "../../webhooks/delivery-reads.ts";
import type { WebhookEndpoint } from "../../webhooks/endpoints.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";

const usdByAsset = z.union([z.number(), z.record(z.string(), z.number())]);

const endpoint = {
  id: z.string().meta({ description: "Id of the webhook endpoint.", examples: ["whe_3f0c9a6de2b84c51a7d4e8f29b60c135"] }),
  owner: z.string().meta({ description: "Id of the API key that created the endpoint, or admin.", examples: ["admin"] }),
  url: z.string().meta({
    description: "URL of the deliveries. For Telegram, Discord and Slack it contains a secret, so only the host or the chat is shown.",
    examples: ["https://example.com/hooks/liquidations"],
  }),
  description: z
    .string()
    .nullable()
    .meta({ description: "Description of the endpoint; null where none was given.", examples: ["desk alerts"] }),
  format: z.enum(FORMATS).meta({ description: "Format of the deliveries. Only standard and email are signed." }),
  events: z.array(z.enum(EVENT_TYPES)).meta({
    description: "Delivered event types; an empty list means all. liquidation.large needs min_usd.",
    examples: [["signal.issued"]],
  }),
  symbols: z.array(z.string()).meta({ description: "Delivered base assets; an empty list means all.", examples: [["BTC"]] }),
  min_usd: usdByAsset.nullable().meta({
    description:
      "Smallest liquidations delivered as liquidation.large, USD: of all base assets, or by base asset with * for the others; null where none are delivered.",
    examples: [{ BTC: 1_000_000, "*": 250_000 }],
  }),
  actions: z.array(z.enum(ACTIONS)).meta({
    description: "Delivered decisions, and grades of them, by action; an empty list means all.",
    examples: [["BUY", "SELL"]],
  }),
  min_confidence: z
    .number()
    .nullable()
    .meta({ description: "Least confidence of delivered decisions to buy or sell, percent; null means any.", examples: [60] }),
  min_flow_usd: usdByAsset.nullable().meta({
    description:
      "Least USD of delivered cascades, and of the liquidated side of delivered decisions: of all base assets, or by base asset with * for the others; null means any.",
    examples: [null],
  }),
  updates: z.enum(UPDATES).meta({
    description:
      "Handling of later messages about the same cascade or outage. edit: they replace the first one. new: each is a message of its own.",
    examples: ["new"],
  }),
  created_time: timeMs,
  failing_since: timeMs.nullable().meta({
    description:
      "Time of the first of the current consecutive failures, milliseconds since 1970 UTC; null while fewer than three span half an hour.",
    examples: [null],
  }),
  will_be_disabled_time: timeMs.nullable().meta({
    description:
      "Earliest time at which the current failures disable the endpoint, milliseconds since 1970 UTC; null while it is not failing, and once it is disabled.",
    examples: [null],
  }),
  disabled_time: timeMs.nullable().meta({
    description: "Time at which the endpoint was disabled, milliseconds since 1970 UTC; null while it is enabled.",
    examples: [null],
  }),
  disabled_reason: z
    .string()
    .nullable()
    .meta({ description: "Reason why the endpoint was disabled; null while it is enabled.", examples: [null] }),
  built_in: z.boolean().meta({ description: "True where the endpoint exists by configuration.", examples: [false] }),
} satisfies FieldsOf<WebhookEndpoint>;

const secret = z.string().meta({ description: "Secret that signs the deliveries.", examples: ["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"] });
const previousSecretExpiresTime = timeMs.nullable().meta({
  description: "Time until which the previous secret also signs, milliseconds since 1970 UTC; null where there is none.",
  examples: [null],
});

export const webhookSchema = z.object(endpoint).meta({ id: "Webhook", description: "A webhook endpoint." });

export const madeWebhookSchema = z
  .object({
    ...endpoint,
    secret: secret.nullable().meta({ description: "Secret that signs the deliveries; null for formats without a signature." }),
  })
  .meta({ id: "WebhookWithSecret", description: "A new webhook endpoint, with its signing secret." });

export const webhookStateSchema = z
  .object({
    ...endpoint,
    pending: z.int().meta({ description: "Number of pending deliveries." }),
    consecutive_failures: z
      .int()
      .meta({ description: "Number of failed attempts since the last success; 20 of them over at least 24 h disable the endpoint." }),
    not_sent: z.int().meta({
      description: "Number of liquidations since the last one sent that were not sent, because too many came within a minute.",
      examples: [0],
    }),
    previous_secret_expires_time: previousSecretExpiresTime,
  })
  .meta({ id: "WebhookState", description: "A webhook endpoint, with the state of its deliveries." });

export const rotatedSecretSchema = z
  .object({ secret, previous_secret_expires_time: previousSecretExpiresTime })
  .meta({ id: "RotatedSecret", description: "A new signing secret. The previous one also signs for 24 h." });

const deliveryId = z.string().meta({
  description: "The webhook-id of the delivery, the same for every endpoint and attempt of an event.",
  examples: ["msg_9b1f2d4c6e8a0b3d5f7a9c1e2b4d6f80"],
});

export const queuedDeliverySchema = z
  .object({
    delivery_id: deliveryId
      .nullable()
      .meta({ description: "The webhook-id of the delivery; null where the endpoint was deleted in the meantime." }),
  })
  .meta({ id: "QueuedDelivery", description: "A queued delivery." });

const attempt = z
  .object({
    time: timeMs,
    status: z
      .int()
      .nullable()
      .meta({ description: "HTTP status; null where there was no response.", examples: [204] }),
    latency_ms: z.number().meta({ description: "Time from the request to the response, ms.", examples: [84] }),
    error: z
      .string()
      .nullable()
      .meta({ description: "Reason why there was no response; null where there was one.", examples: [null] }),
    response: z
      .string()
      .nullable()
      .meta({ description: "First 200 characters of the response; null where there was none.", examples: [""] }),
  } satisfies FieldsOf<DeliveryAttempt>)
  .meta({ id: "DeliveryAttempt", description: "One attempt of a delivery." });

export const deliverySchema = z
  .object({
    id: deliveryId,
    created_time: timeMs,
    event_id: z.string().meta({ description: "Id of the event.", examples: ["signal.issued:BTC-15m-20261121T0905Z"] }),
    event_type: z.enum([...EVENT_TYPES, "webhook.test"]).meta({ description: "Type of the event.", examples: ["signal.issued"] }),
    symbol: z
      .string()
      .nullable()
      .meta({ description: "Base asset; null where the event concerns none.", examples: ["BTC"] }),
    state: z.enum(["pending", "delivered", "failed"]).meta({ description: "State of the delivery.", examples: ["delivered"] }),
    attempt_count: z.int().meta({
      description: "Number of attempts since the delivery was queued or replayed. Attempts answered with 429 do not count for three days.",
      examples: [1],
    }),
    next_attempt_time: timeMs.nullable().meta({
      description: "Time of the next attempt, milliseconds since 1970 UTC; null unless the delivery is pending.",
      examples: [null],
    }),
    reason: z
      .string()
      .nullable()
      .meta({
        description: "Reason of the final failure, or why the delivery was not needed because a later message said more; else null.",
        examples: [null],
      }),
    attempts: z.array(attempt).meta({ description: "Latest 20 attempts, oldest first." }),
  } satisfies FieldsOf<LoggedDelivery>)
  .meta({ id: "Delivery", description: "Delivery of one event to one endpoint." });
