import * as z from "zod";
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from "zod-openapi";
import { WEBHOOK_EVENTS } from "../schemas/webhook-event.ts";
import { exampleOf } from "./example.ts";
import { parameterObjects } from "./parameters.ts";

const headers = z.object({
  "webhook-id": z.string().meta({
    description: "Event id, the same for every endpoint and attempt. Use it to ignore repeated deliveries.",
    examples: ["msg_9b1f2d4c6e8a0b3d5f7a9c1e2b4d6f80"],
  }),
  "webhook-timestamp": z.string().meta({ description: "Time of this attempt, seconds since 1970 UTC.", examples: ["1795251904"] }),
  "webhook-signature": z.string().meta({
    description:
      "Signature: `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body` under the endpoint's secret. During a rotation there are two signatures, separated by a space.",
    examples: ["v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="],
  }),
});

/** The deliveries to endpoints of the format `standard`, by event type. */
export function webhookEvents(): ZodOpenApiPathsObject {
  return Object.fromEntries(
    Object.entries(WEBHOOK_EVENTS).map(([type, { summary, data }]) => [type, { post: deliveryOf(type, summary, data) }]),
  );
}

function deliveryOf(type: string, summary: string, data: z.ZodType): ZodOpenApiOperationObject {
  // A reference, because zod-openapi would treat an inline body schema as input rather than output.
  const schema = {
    type: "object" as const,
    properties: {
      type: { const: type },
      timestamp: {
        type: "string" as const,
        format: "date-time",
        description: "Time at which the event was known; `data` has the times of what happened.",
      },
      data: { $ref: `#/components/schemas/${z.globalRegistry.get(data)?.id}` },
    },
    required: ["type", "timestamp", "data"],
    additionalProperties: false,
  };
  const example = { type, timestamp: "2026-11-21T09:05:04.120Z", data: exampleOf(data) };
  return {
    operationId: `on${type.replaceAll(/(?:^|\.)(\w)/g, (_match, letter: string) => letter.toUpperCase())}`,
    tags: ["Webhooks"],
    summary,
    description:
      "Signed according to Standard Webhooks 1.0. The receiver has 15 s to respond; a failed delivery is attempted at most ten times over about three days.",
    security: [],
    parameters: parameterObjects("header", headers),
    requestBody: { required: true, content: { "application/json": { schema, example } } },
    responses: {
      "2XX": { description: "Delivery accepted." },
      "410": { description: "The receiver wants no more deliveries; the endpoint is disabled." },
    },
  };
}
