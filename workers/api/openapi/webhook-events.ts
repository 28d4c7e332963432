import * as z from "zod";
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from "zod-openapi";
import { WEBHOOK_EVENTS } from "../schemas/webhook-event.ts";
import { exampleOf } from "./example.ts";
import { parameterObjects } from "./parameters.ts";

const headers = z.object({
  "webhook-id": z.string().meta({
    description: "The same for every endpoint and attempt of an event: what was taken once need not be taken again.",
    examples: ["msg_9b1f2d4c6e8a0b3d5f7a9c1e2b4d6f80"],
  }),
  "webhook-timestamp": z.string().meta({ description: "When this attempt was sent, seconds since 1970 UTC.", examples: ["1795251904"] }),
  "webhook-signature": z.string().meta({
    description:
      "v1, and the base64 HMAC-SHA256 of `id.timestamp.body` by the endpoint's secret; while a secret is being rotated two of them, with a space between.",
    examples: ["v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="],
  }),
});

/** What is delivered to endpoints of the format `standard`, by type of event. */
export function webhookEvents(): ZodOpenApiPathsObject {
  return Object.fromEntries(
    Object.entries(WEBHOOK_EVENTS).map(([type, { summary, data }]) => [type, { post: deliveryOf(type, summary, data) }]),
  );
}

function deliveryOf(type: string, summary: string, data: z.ZodType): ZodOpenApiOperationObject {
  // A reference, since a schema in the place of a body would be taken for one that is read, not written.
  const schema = {
    type: "object" as const,
    properties: {
      type: { const: type },
      timestamp: { type: "string" as const, format: "date-time", description: "When it happened." },
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
    description: "Signed by Standard Webhooks 1.0. 15 s to answer; at most ten attempts over little more than three days.",
    security: [],
    parameters: parameterObjects("header", headers),
    requestBody: { required: true, content: { "application/json": { schema, example } } },
    responses: { "2XX": { description: "Taken." }, "410": { description: "Nothing more is wanted: the endpoint is disabled." } },
  };
}
