import * as z from "zod";
import type { OperationDoc, Success } from "../api/http/operation.ts";

const none = z.strictObject({});
const messageId = z.union([z.string(), z.int()]);

const message = z
  .looseObject({
    jsonrpc: z.literal("2.0"),
    id: messageId.optional().meta({ description: "Id of the message; absent in a notification, which gets no response." }),
    method: z.string().meta({ description: "Method of the protocol.", examples: ["tools/list"] }),
    params: z.looseObject({}).optional(),
  })
  .meta({ id: "McpMessage", description: "A JSON-RPC 2.0 message of the Model Context Protocol." });

const answered = z
  .looseObject({
    jsonrpc: z.literal("2.0"),
    id: messageId.nullable().meta({ description: "Id of the message; null where the message could not be read.", examples: [1] }),
    result: z.looseObject({}).optional().meta({ description: "Result of the call; absent on an error." }),
    error: z
      .looseObject({ code: z.int(), message: z.string() })
      .optional()
      .meta({
        description: "Error of the call; absent on success.",
        examples: [{ code: -32600, message: "Batches are not supported: send one message per request." }],
      }),
  })
  .meta({
    id: "McpResponse",
    description: "A JSON-RPC 2.0 response: either a result or an error.",
    examples: [{ jsonrpc: "2.0", id: 1, error: { code: -32600, message: "Batches are not supported: send one message per request." } }],
  });

/** An error in the form of the protocol rather than as a problem. */
function refusal(status: number, description: string): Success {
  return { status, description, content: { "application/json": answered }, headers: [] };
}

/** The endpoint in the OpenAPI document. The protocol itself defines the messages. */
export const mcpDoc: OperationDoc = {
  id: "sendMcpMessage",
  tag: "MCP",
  summary: "Send a message of the Model Context Protocol",
  description:
    "Serves the Model Context Protocol over Streamable HTTP (https://modelcontextprotocol.io) without sessions and without a stream: every message is a separate request with a JSON response. The protocol requires `Accept` to contain `application/json` and `text/event-stream`.",
  params: none,
  query: none,
  headers: z.object({
    "MCP-Protocol-Version": z.string().optional().meta({ description: "Revision of the protocol." }),
  }),
  body: message,
  success: {
    status: 200,
    description: "Response of the protocol; it may hold an error of the tool or the protocol.",
    content: { "application/json": answered.meta({ id: undefined, examples: [{ jsonrpc: "2.0", id: 1, result: { tools: [] } }] }) },
    headers: [],
  },
  alternatives: {
    202: { status: 202, description: "Notification accepted.", content: {}, headers: [] },
    400: refusal(400, "The body is not a message of the protocol, or its revision is not supported."),
    404: refusal(404, "The method does not exist (revisions from 2026-07-28 on)."),
    406: refusal(406, "`Accept` does not contain both media types."),
    415: refusal(415, "`Content-Type` is not application/json."),
  },
  problems: [],
  example: { body: { jsonrpc: "2.0", id: 1, method: "tools/list" } },
};
