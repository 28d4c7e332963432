import { cors } from "hono/cors";

/** The headers that an MCP client in a browser sends: https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http */
const ASKED_WITH = ["Accept", "Content-Type", "MCP-Protocol-Version", "Mcp-Method", "Mcp-Name", "Mcp-Session-Id", "Last-Event-ID"];

/** Lets MCP clients in pages of other sites call `/mcp`, with a key that they hold themselves. */
export function mcpCors(keyHeaders: readonly string[], exposeHeaders: readonly string[]) {
  return cors({
    origin: "*",
    allowMethods: ["POST"],
    allowHeaders: [...keyHeaders, ...ASKED_WITH],
    exposeHeaders: [...exposeHeaders, "WWW-Authenticate"],
    maxAge: 86_400,
  });
}
