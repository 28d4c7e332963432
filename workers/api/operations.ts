import { mcpRoute } from "../mcp/endpoint.ts";
import { cascadeRoutes } from "./routes/cascades.ts";
import { coverageRoute } from "./routes/coverage.ts";
import { contagionRoute } from "./routes/contagion.ts";
import { crossExchangeRoute } from "./routes/cross-exchange.ts";
import { datasetRoutes } from "./routes/datasets.ts";
import { documentationRoutes } from "./routes/documentation.ts";
import { estimateMethodsRoute } from "./routes/estimate-methods.ts";
import { exportRoutes } from "./routes/exports.ts";
import { gapsRoute } from "./routes/gaps.ts";
import { marketStateRoute } from "./routes/market-state.ts";
import { marksRoute } from "./routes/marks.ts";
import { metricsRoute } from "./routes/metrics.ts";
import { platformUsageRoute } from "./routes/platform-usage.ts";
import { ownKeyRoutes } from "./routes/own-key.ts";
import { readyRoute } from "./routes/ready.ts";
import { healthRoute } from "./routes/health.ts";
import { keyRoutes } from "./routes/keys.ts";
import { liquidationsRoute } from "./routes/liquidations.ts";
import type { Operation } from "./http/operation.ts";
import { rawFrameRoutes } from "./routes/raw-frames.ts";
import { rankingsRoute } from "./routes/rankings.ts";
import { signalRoutes } from "./routes/signals.ts";
import { ruleRoutes } from "./routes/rules.ts";
import { statsRoute } from "./routes/stats.ts";
import { statusRoute } from "./routes/status.ts";
import { storeRoutes } from "./routes/stores.ts";
import { streamRoutes } from "./routes/stream.ts";
import { symbolsRoute } from "./routes/symbols.ts";
import { totalsRoute } from "./routes/totals.ts";
import { truthBoardRoute } from "./routes/truth-board.ts";
import { usageRoute } from "./routes/usage.ts";
import { webhookRoutes } from "./routes/webhooks.ts";

/** In the order of the OpenAPI document. Fixed paths come before paths with an id. */
const ROUTES: readonly Operation[] = [
  healthRoute,
  readyRoute,
  metricsRoute,
  statusRoute,
  symbolsRoute,
  statsRoute,
  liquidationsRoute,
  totalsRoute,
  estimateMethodsRoute,
  marksRoute,
  marketStateRoute,
  rankingsRoute,
  ...cascadeRoutes,
  crossExchangeRoute,
  contagionRoute,
  gapsRoute,
  truthBoardRoute,
  coverageRoute,
  ...signalRoutes,
  ...streamRoutes,
  ...datasetRoutes,
  ...rawFrameRoutes,
  ...exportRoutes,
  ...webhookRoutes,
  ...ruleRoutes,
  ...keyRoutes,
  ...ownKeyRoutes,
  usageRoute,
  platformUsageRoute,
  ...storeRoutes,
];

/** All operations: the routes, the MCP endpoint over them, and the pages that document both. */
export const OPERATIONS: readonly Operation[] = [...ROUTES, mcpRoute(ROUTES), ...documentationRoutes(() => OPERATIONS)];
