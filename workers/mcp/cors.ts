import { cors } from "hono/cors";

/** What a browser's MCP client sends: https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http */
const ASKED_WITH = ["Accept", "Content-Type", "MCP-Protocol-Version", "Mcp-Method", "Mcp-Name", "Mcp-Session-Id", "Last-Event-ID"];

/** MCP clients in pages of other sites may ask `/mcp`, with a key that they hold themselves. */
export function mcpCors(keyHeaders: readonly string[], exposeHeaders: readonly string[]) {
  return cors({
    origin: "*",
    allowMethods: ["POST"],
    allowHeaders: [...keyHeaders, ...ASKED_WITH],
    exposeHeaders: [...exposeHeaders, "WWW-Authenticate"],
    maxAge: 86_400,
  });
}
