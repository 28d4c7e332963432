import * as z from "zod";
import type { OperationDoc } from "../api/operation.ts";

const none = z.strictObject({});
const messageId = z.union([z.string(), z.int()]);

const message = z
  .looseObject({
    jsonrpc: z.literal("2.0"),
    id: messageId.optional().meta({ description: "Absent in a notification, which is not answered." }),
    method: z.string().meta({ examples: ["tools/list"] }),
    params: z.looseObject({}).optional(),
  })
  .meta({ id: "McpMessage", description: "A JSON-RPC 2.0 message of the Model Context Protocol." });

const answered = z
  .looseObject({
    jsonrpc: z.literal("2.0"),
    id: messageId.nullable().meta({ description: "Of the message; null where it could not be read.", examples: [1] }),
    result: z.looseObject({}).optional().meta({ description: "Where it went well." }),
    error: z
      .looseObject({ code: z.int(), message: z.string() })
      .optional()
      .meta({
        description: "Where it did not.",
        examples: [{ code: -32600, message: "Batches are not taken: send one message a request." }],
      }),
  })
  .meta({ id: "McpAnswer", description: "A JSON-RPC 2.0 answer: either result or error." });

/** The endpoint as the API's document has it; what the messages mean, the protocol says. */
export const mcpDoc: OperationDoc = {
  id: "sendMcpMessage",
  tag: "MCP",
  summary: "One message of the Model Context Protocol",
  description:
    "Streamable HTTP (https://modelcontextprotocol.io) without sessions and without a stream: every message is a request of its own and is answered in JSON. `Accept` has to name `application/json` and `text/event-stream`, as the protocol has it.",
  params: none,
  query: none,
  headers: z.object({
    "MCP-Protocol-Version": z.string().optional().meta({ description: "The revision of the protocol that is spoken." }),
  }),
  body: message,
  success: {
    status: 200,
    description: "The answer, an error of the tool or the protocol included.",
    content: { "application/json": answered },
    headers: [],
  },
  alternatives: {
    202: { status: 202, description: "A notification was taken.", content: {}, headers: [] },
    400: { status: 400, description: "It is no message of the protocol.", content: { "application/json": answered }, headers: [] },
  },
  problems: [],
  example: { body: { jsonrpc: "2.0", id: 1, method: "tools/list" } },
};
