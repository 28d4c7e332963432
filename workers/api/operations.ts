import { mcpRoute } from "../mcp/endpoint.ts";
import { cascadesRoute } from "./routes/cascades.ts";
import { coverageRoute } from "./routes/coverage.ts";
import { crossExchangeRoute } from "./routes/cross-exchange.ts";
import { datasetRoutes } from "./routes/datasets.ts";
import { documentationRoutes } from "./routes/documentation.ts";
import { exportRoutes } from "./routes/exports.ts";
import { gapsRoute } from "./routes/gaps.ts";
import { healthRoute } from "./routes/health.ts";
import { keyRoutes } from "./routes/keys.ts";
import { liquidationsRoute } from "./routes/liquidations.ts";
import type { Operation } from "./http/operation.ts";
import { rawFrameRoutes } from "./routes/raw-frames.ts";
import { rankingsRoute } from "./routes/rankings.ts";
import { signalRoutes } from "./routes/signals.ts";
import { statsRoute } from "./routes/stats.ts";
import { statusRoute } from "./routes/status.ts";
import { storeRoutes } from "./routes/stores.ts";
import { symbolsRoute } from "./routes/symbols.ts";
import { totalsRoute } from "./routes/totals.ts";
import { usageRoute } from "./routes/usage.ts";
import { webhookRoutes } from "./routes/webhooks.ts";

/** In the order of the OpenAPI document. Fixed paths come before paths with an id. */
const ROUTES: readonly Operation[] = [
  healthRoute,
  statusRoute,
  symbolsRoute,
  statsRoute,
  liquidationsRoute,
  totalsRoute,
  rankingsRoute,
  cascadesRoute,
  crossExchangeRoute,
  gapsRoute,
  coverageRoute,
  ...signalRoutes,
  ...datasetRoutes,
  ...rawFrameRoutes,
  ...exportRoutes,
  ...webhookRoutes,
  ...keyRoutes,
  usageRoute,
  ...storeRoutes,
];

/** All operations: the routes, the MCP endpoint over them, and the pages that document both. */
export const OPERATIONS: readonly Operation[] = [...ROUTES, mcpRoute(ROUTES), ...documentationRoutes(() => OPERATIONS)];
