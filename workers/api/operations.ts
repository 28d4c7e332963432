import { mcpRoute } from "../mcp/endpoint.ts";
import { cascadesRoute } from "./cascades.ts";
import { crossExchangeRoute } from "./cross-exchange.ts";
import { datasetRoutes } from "./datasets.ts";
import { documentationRoutes } from "./documentation.ts";
import { exportRoutes } from "./exports.ts";
import { healthRoute } from "./health.ts";
import { keyRoutes } from "./keys.ts";
import { liquidationsRoute } from "./liquidations.ts";
import type { Operation } from "./operation.ts";
import { signalRoutes } from "./signals.ts";
import { statsRoute } from "./stats.ts";
import { statusRoute } from "./status.ts";
import { totalsRoute } from "./totals.ts";
import { usageRoute } from "./usage.ts";
import { webhookRoutes } from "./webhooks.ts";

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
