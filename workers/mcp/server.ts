import { McpServer } from "@modelcontextprotocol/server";
import type { ApiContext } from "../api/http/api-env.ts";
import { callTool } from "./call-tool.ts";
import type { Tool } from "./tool.ts";
import { MEASURED, NOT_ADVICE, UNHEARD, UNITS } from "./tools.ts";

const INSTRUCTIONS = [
  "Forced liquidations of perpetual futures on five venues, collected live, with what the market and the other venues said at that moment. All tools only read.",
  MEASURED,
  UNITS,
  UNHEARD,
  "Measured: events, sums, market fields, gaps. Heuristic or modelled: cascade_score, branching_ratio, cascades and their severity, inferred rows, signals.",
  NOT_ADVICE,
  "Every result begins with its age, its coverage and its gaps: tell your reader of them where they matter.",
].join("\n");

/** What may change with a deployment may be kept for this long, ms. */
const KEEP = { ttlMs: 300_000, cacheScope: "public" } as const;

/** A server for one request: it holds nothing between them. */
export function mcpServer(c: ApiContext, tools: readonly Tool[]): McpServer {
  const server = new McpServer(
    { name: "liquidations", title: "Liquidations", version: "1.0.0" },
    {
      instructions: INSTRUCTIONS,
      capabilities: { tools: { listChanged: false } },
      cacheHints: { "tools/list": KEEP, "server/discover": KEEP },
    },
  );
  for (const tool of tools) {
    const { name, title, description, inputSchema, outputSchema } = tool;
    const annotations = { title, readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
    server.registerTool(name, { title, description, inputSchema, outputSchema, annotations }, (args) => callTool(c, tool, args));
  }
  return server;
}
