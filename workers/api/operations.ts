import { mcpRoute } from "../mcp/endpoint.ts";
import { cascadesRoute } from "./routes/cascades.ts";
import { crossExchangeRoute } from "./routes/cross-exchange.ts";
import { datasetRoutes } from "./routes/datasets.ts";
import { documentationRoutes } from "./routes/documentation.ts";
import { exportRoutes } from "./routes/exports.ts";
import { healthRoute } from "./routes/health.ts";
import { keyRoutes } from "./routes/keys.ts";
import { liquidationsRoute } from "./routes/liquidations.ts";
import type { Operation } from "./http/operation.ts";
import { signalRoutes } from "./routes/signals.ts";
import { statsRoute } from "./routes/stats.ts";
import { statusRoute } from "./routes/status.ts";
import { totalsRoute } from "./routes/totals.ts";
import { usageRoute } from "./routes/usage.ts";
import { webhookRoutes } from "./routes/webhooks.ts";

/** All the API answers, in the order of its document; fixed paths stand before those that take any id. */
export const OPERATIONS: readonly Operation[] = [
  healthRoute,
  statusRoute,
  statsRoute,
  liquidationsRoute,
  totalsRoute,
  cascadesRoute,
  crossExchangeRoute,
  ...signalRoutes,
  ...datasetRoutes,
  ...exportRoutes,
  ...webhookRoutes,
  ...keyRoutes,
  usageRoute,
  mcpRoute,
  ...documentationRoutes(() => OPERATIONS),
];
