import {
  INVALID_REQUEST,
  PARSE_ERROR,
  WebStandardStreamableHTTPServerTransport,
  createMcpHandler,
  isLegacyRequest,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  validateHostHeader,
  validateOriginHeader,
} from "@modelcontextprotocol/server";
import type { Hono } from "hono";
import type { ApiContext, ApiEnv } from "../api/http/api-env.ts";
import { identify } from "../api/http/identify.ts";
import type { Operation } from "../api/http/operation.ts";
import { ProblemError } from "../api/http/problem.ts";
import { readText } from "../api/http/read-body.ts";
import { mcpDoc } from "./endpoint-doc.ts";
import { mcpServer } from "./server.ts";
import { type Tool, tool } from "./tool.ts";
import { TOOLS } from "./tools.ts";
import { writeLog } from "../../src/log.ts";

export const MCP_PATH = "/mcp";

/**
 * MCP over Streamable HTTP, without sessions and without a stream: each POST is one message with a JSON response. Access
 * and rate limits apply as for any operation, before the message is read. Only errors inside a message use JSON-RPC.
 * @param operations the operations that the tools call
 */
export function mcpRoute(operations: readonly Operation[]): Operation {
  const tools = TOOLS.map((doc) => tool(doc, operations));
  return {
    method: "POST",
    path: MCP_PATH,
    access: "read",
    doc: mcpDoc,
    handle: async (c) => answerMessage(c, await readText(c), tools),
  };
}

/** The middleware in front of the endpoint. */
export function guardMcp(app: Hono<ApiEnv>): void {
  app.use(MCP_PATH, async (c, next) => {
    requireTrueOrigin(c);
    return next();
  });
  app.use(MCP_PATH, identify);
}

/**
 * On a developer's machine a web page could reach this endpoint through a name of its own that resolves to loopback (DNS
 * rebinding), so host and origin are checked. A deployed Worker needs no such check: its name is fixed, all origins may
 * read, and a browser never sends a key by itself.
 */
function requireTrueOrigin(c: ApiContext): void {
  if (!c.get("config").LOCAL_DEVELOPMENT) return;
  const host = validateHostHeader(new URL(c.req.url).host, localhostAllowedHostnames());
  const origin = validateOriginHeader(c.req.header("Origin"), localhostAllowedOrigins());
  const refused = [host, origin].find((check) => !check.ok);
  if (refused?.ok === false)
    throw new ProblemError("forbidden", `${refused.message}: with LOCAL_DEVELOPMENT=true only this machine may connect.`);
}

/**
 * The request with an `Accept` that names both media types where the client takes anything: the SDK asks for both by name,
 * and many clients send a wildcard or nothing.
 */
function acceptingBoth({ url, method, headers: given }: Request): Request {
  const accept = given.get("Accept");
  const headers = new Headers(given);
  if (accept === null || accept.trim() === "" || accept.includes("*/*")) headers.set("Accept", "application/json, text/event-stream");
  return new Request(url, { method, headers });
}

async function answerMessage(c: ApiContext, text: string, tools: readonly Tool[]): Promise<Response> {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return refusal(PARSE_ERROR, "The body is not valid JSON.");
  }
  // Revision 2025-06-18 removed batches, and a batch would count as a single request against the limits.
  if (Array.isArray(message)) return refusal(INVALID_REQUEST, "Batches are not supported: send one message per request.");
  const request = acceptingBoth(c.req.raw);
  if (await isLegacyRequest(request, message)) return answerLegacy(c, request, message, tools);
  return answerModern(c, request, message, tools);
}

async function answerModern(c: ApiContext, request: Request, message: unknown, tools: readonly Tool[]): Promise<Response> {
  const errors: Error[] = [];
  const handler = createMcpHandler(() => mcpServer(c, tools), { legacy: "reject", onerror: (error) => errors.push(error) });
  const response = await handler.fetch(request, { parsedBody: message });
  // Errors of the sender are in the response; failures of the server go to the log.
  if (response.status >= 500) {
    const line = { event: "mcp_failed", request_id: c.get("requestId"), errors: errors.map((error) => error.stack ?? error.message) };
    writeLog("error", line);
  }
  return response;
}

/** Revisions of 2025 and before. The SDK's own fallback for them would respond with a stream. */
async function answerLegacy(c: ApiContext, request: Request, message: unknown, tools: readonly Tool[]): Promise<Response> {
  const server = mcpServer(c, tools);
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  await server.connect(transport);
  try {
    return await transport.handleRequest(request, { parsedBody: message });
  } finally {
    await server.close();
  }
}

function refusal(code: number, message: string): Response {
  return Response.json({ jsonrpc: "2.0", error: { code, message }, id: null }, { status: 400 });
}
