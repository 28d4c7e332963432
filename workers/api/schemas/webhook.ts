import * as z from "zod";
import type { DeliveryAttempt } from "../../../src/webhooks/delivery.ts";
import { EVENT_TYPES } from "../../../src/webhooks/event.ts";
import { FORMATS } from "../../../src/webhooks/formats/format.ts";
import type { LoggedDelivery } from "../../webhooks/delivery-reads.ts";
import type { WebhookEndpoint } from "../../webhooks/endpoints.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";

const endpoint = {
  id: z.string().meta({ description: "The endpoint's id.", examples: ["whe_3f0c9a6de2b84c51a7d4e8f29b60c135"] }),
  url: z.string().meta({
    description: "Where deliveries go. For Telegram, Discord and Slack, where the address is itself a secret, only the host or the chat.",
    examples: ["https://example.com/hooks/liquidations"],
  }),
  description: z
    .string()
    .nullable()
    .meta({ examples: ["desk alerts"] }),
  format: z.enum(FORMATS).meta({ description: "How deliveries are written; only standard ones are signed." }),
  events: z
    .array(z.enum(EVENT_TYPES))
    .meta({ description: "Event types that are delivered; empty for all.", examples: [["signal.issued"]] }),
  symbols: z.array(z.string()).meta({ description: "Base assets that are delivered; empty for all.", examples: [["BTC"]] }),
  created_time: timeMs,
  disabled_time: timeMs.nullable().meta({ description: "Since when nothing is delivered, ms; null while it is open.", examples: [null] }),
  disabled_reason: z
    .string()
    .nullable()
    .meta({ description: "Why; null while it is open.", examples: [null] }),
  built_in: z.boolean().meta({ description: "Whether it exists by configuration.", examples: [false] }),
} satisfies FieldsOf<WebhookEndpoint>;

const secret = z.string().meta({ description: "Signs what is delivered.", examples: ["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"] });
const previousSecretUntil = timeMs
  .nullable()
  .meta({ description: "Until when the secret before signs too, ms; null where none does.", examples: [null] });

export const webhookSchema = z.object(endpoint).meta({ id: "Webhook", description: "An endpoint that is told what happens." });

export const madeWebhookSchema = z
  .object({
    ...endpoint,
    secret: secret.nullable().meta({ description: "Signs what is delivered; null for formats that are not signed." }),
  })
  .meta({ id: "MadeWebhook", description: "A new endpoint with its signing secret." });

export const webhookStateSchema = z
  .object({
    ...endpoint,
    pending: z.int().meta({ description: "Deliveries under way." }),
    failures_in_a_row: z.int().meta({ description: "Failed attempts since the last success; 20 disable it." }),
    previous_secret_until: previousSecretUntil,
  })
  .meta({ id: "WebhookState", description: "An endpoint and how its deliveries stand." });

export const rotatedSecretSchema = z
  .object({ secret, previous_secret_until: previousSecretUntil })
  .meta({ id: "RotatedSecret", description: "A new signing secret; the one before signs too for 24 h." });

const deliveryId = z.string().meta({
  description: "The webhook-id it is sent under, the same for every endpoint and attempt.",
  examples: ["msg_9b1f2d4c6e8a0b3d5f7a9c1e2b4d6f80"],
});

export const queuedDeliverySchema = z
  .object({ delivery_id: deliveryId.nullable().meta({ description: "The webhook-id; null where the endpoint was deleted meanwhile." }) })
  .meta({ id: "QueuedDelivery", description: "A delivery on its way." });

const attempt = z
  .object({
    time: timeMs,
    status: z
      .int()
      .nullable()
      .meta({ description: "HTTP status; null where there was no answer.", examples: [204] }),
    latency_ms: z.number().meta({ description: "From asking to the answer, ms.", examples: [84] }),
    error: z
      .string()
      .nullable()
      .meta({ description: "Why there was no answer; null where there was.", examples: [null] }),
    response: z
      .string()
      .nullable()
      .meta({ description: "The beginning of the answer, at most 200 characters.", examples: [""] }),
  } satisfies FieldsOf<DeliveryAttempt>)
  .meta({ id: "DeliveryAttempt", description: "One attempt of a delivery." });

export const deliverySchema = z
  .object({
    id: deliveryId,
    created_time: timeMs,
    event_id: z.string().meta({ description: "Names what happened.", examples: ["signal.issued:BTC-15m-20261121T0905Z"] }),
    event_type: z.enum([...EVENT_TYPES, "webhook.test"]).meta({ examples: ["signal.issued"] }),
    symbol: z
      .string()
      .nullable()
      .meta({ description: "Base asset; null where it concerns none.", examples: ["BTC"] }),
    state: z.enum(["pending", "delivered", "failed"]).meta({ examples: ["delivered"] }),
    tries: z.int().meta({ description: "Attempts since it was queued or replayed.", examples: [1] }),
    next_attempt_time: timeMs.nullable().meta({ description: "Milliseconds since 1970 UTC; null unless pending.", examples: [null] }),
    reason: z
      .string()
      .nullable()
      .meta({ description: "Why it failed for good; null where it did not.", examples: [null] }),
    attempts: z.array(attempt).meta({ description: "The latest 20, oldest first." }),
  } satisfies FieldsOf<LoggedDelivery>)
  .meta({ id: "Delivery", description: "One event on its way to one endpoint." });
