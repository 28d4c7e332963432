import packageJson from "../../package.json" with { type: "json" };
import { McpServer } from "@modelcontextprotocol/server";
import { VENUE_COUNT } from "../../src/exchanges/venue-count.ts";
import type { ApiContext } from "../api/http/api-env.ts";
import { callTool } from "./call-tool.ts";
import type { Tool } from "./tool.ts";
import { MEASURED, NOT_ADVICE, NOT_CONNECTED, UNITS } from "./tools.ts";

/** The instructions that a client shows its model before any tool is called. */
export const INSTRUCTIONS = [
  `Forced liquidations of perpetual futures on ${VENUE_COUNT} venues, collected live, with the state of the market and of the other venues at that moment. All tools only read, except create_rule.`,
  MEASURED,
  UNITS,
  NOT_CONNECTED,
  "Measured: events, sums, market fields, gaps. Heuristic or modeled: cascade_score, branching_ratio, cascades and their severity, inferred rows, signals.",
  NOT_ADVICE,
  "Every result begins with its age, its coverage and its gaps: mention them to your reader where they matter.",
].join("\n");

/** How long a client may cache what only a deployment changes, ms. */
const KEEP = { ttlMs: 300_000, cacheScope: "public" } as const;

/** A server for one request; nothing is kept between requests. */
export function mcpServer(c: ApiContext, tools: readonly Tool[]): McpServer {
  const server = new McpServer(
    { name: "liquidations", title: "Liquidations", version: packageJson.version },
    {
      instructions: INSTRUCTIONS,
      capabilities: { tools: { listChanged: false } },
      cacheHints: { "tools/list": KEEP, "server/discover": KEEP },
    },
  );
  for (const tool of tools) {
    const { name, title, description, inputSchema, outputSchema, isReading } = tool;
    const annotations = { title, readOnlyHint: isReading, destructiveHint: false, idempotentHint: isReading, openWorldHint: false };
    server.registerTool(name, { title, description, inputSchema, outputSchema, annotations }, (args) => callTool(c, tool, args));
  }
  return server;
}
