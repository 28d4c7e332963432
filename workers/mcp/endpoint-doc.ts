import * as z from "zod";
import type { OperationDoc, Success } from "../api/http/operation.ts";

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

/** What the protocol itself answers in its own form, not as a problem. */
function refusal(status: number, description: string): Success {
  return { status, description, content: { "application/json": answered }, headers: [] };
}

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
    400: refusal(400, "It is no message of the protocol, or of a revision that is not spoken."),
    404: refusal(404, "There is no such method; of revisions from 2026-07-28 on."),
    406: refusal(406, "`Accept` does not name both types."),
    415: refusal(415, "`Content-Type` is not application/json."),
  },
  problems: [],
  example: { body: { jsonrpc: "2.0", id: 1, method: "tools/list" } },
};
