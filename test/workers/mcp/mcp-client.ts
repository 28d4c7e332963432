import type { ApiDependencies } from "../../../workers/api/http/api-env.ts";
import { type Reply, apiClient } from "../api/api-client.ts";

const ACCEPT = { Accept: "application/json, text/event-stream", "Content-Type": "application/json" };

/** A request as revision 2026-07-28 writes it: each carries what the handshake carried before. */
export function modernMessage(method: string, params: Readonly<Record<string, unknown>> = {}, version = "2026-07-28") {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": version,
    "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const name = typeof params.name === "string" ? { "Mcp-Name": params.name } : {};
  return {
    body: JSON.stringify({ jsonrpc: "2.0", id: 7, method, params: { ...params, _meta } }),
    headers: { ...ACCEPT, "MCP-Protocol-Version": version, "Mcp-Method": method, ...name },
  };
}

export interface ToolResult {
  readonly isError?: boolean;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- a client of JSON has no types; a wrong path fails the test
  readonly structuredContent: any;
}

/** Speaks MCP with `/mcp`, and HTTP with the other routes. */
export function mcpClient(now: number, changes: Readonly<Record<string, unknown>> = {}, feedStatuses?: ApiDependencies["feedStatuses"]) {
  const get = apiClient(now, changes, feedStatuses);
  const send = (body: BodyInit, headers: Readonly<Record<string, string>> = {}) =>
    get("/mcp", { method: "POST", body, headers: { ...ACCEPT, ...headers } });
  /** A request as revisions until 2025-11-25 write it. */
  const request = (method: string, params: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<Reply> =>
    send(JSON.stringify({ jsonrpc: "2.0", id: 7, method, params }), headers);
  const modernRequest = (method: string, params: Readonly<Record<string, unknown>> = {}, version = "2026-07-28"): Promise<Reply> => {
    const { body, headers } = modernMessage(method, params, version);
    return send(body, headers);
  };
  const call = async (name: string, args: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<ToolResult> => {
    const { status, body } = await request("tools/call", { name, arguments: args }, headers);
    if (status !== 200 || body.result === undefined) throw new Error(`${status} ${JSON.stringify(body)}`);
    const { isError, content, structuredContent } = body.result;
    return { ...(isError === undefined ? {} : { isError }), text: content[0].text, structuredContent };
  };
  return { get, send, request, modernRequest, call };
}
