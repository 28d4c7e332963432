import { Hono } from "hono";
import { except } from "hono/combine";
import { cors } from "hono/cors";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { configOf } from "../../src/config.ts";
import { licenceOf } from "../../src/licence.ts";
import { withRowMeter } from "../d1/row-meter.ts";
import { feedStatuses, journaledFrame, refillFeeds } from "../feeds.ts";
import { mcpCors } from "../mcp/cors.ts";
import { MCP_PATH, guardMcp } from "../mcp/endpoint.ts";
import type { ApiEnv, ApiDependencies } from "./http/api-env.ts";
import { platformCache } from "./http/answer-cache.ts";
import { STREAM_DOCS_PATH } from "./routes/stream-page.ts";
import { DOCS_PATH, DOCS_POLICY } from "./routes/docs-page.ts";
import { problemOf } from "./http/fault.ts";
import { identify } from "./http/identify.ts";
import { mount } from "./http/operation.ts";
import { OPERATIONS } from "./operations.ts";
import { ProblemError, problemResponse } from "./http/problem.ts";

const EXPOSED_HEADERS = [
  "X-Request-Id",
  "RateLimit-Policy",
  "RateLimit",
  "Retry-After",
  "Location",
  "Link",
  "ETag",
  "Age",
  "Server-Timing",
  "Accept-Ranges",
  "Content-Range",
  "Content-Disposition",
  "Repr-Digest",
];
const KEY_HEADERS = ["Authorization", "X-API-Key"];
const ALLOWED_HEADERS = [...KEY_HEADERS, "If-None-Match", "Range", "If-Range"];

const API_POLICY = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };

/** The HTTP API. Every response is JSON, and every failure a problem (RFC 9457). */
export function createApi(
  deps: ApiDependencies = { now: Date.now, feedStatuses, journaledFrame, refillFeeds, answers: platformCache() },
): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.use(requestId());
  // Other sites may read the API; CORS sets the rules.
  const secured = (contentSecurityPolicy: typeof DOCS_POLICY | typeof API_POLICY) =>
    secureHeaders({ contentSecurityPolicy, crossOriginResourcePolicy: "cross-origin" });
  app.use(except([DOCS_PATH, STREAM_DOCS_PATH], secured(API_POLICY)));
  for (const path of [DOCS_PATH, STREAM_DOCS_PATH]) app.use(path, secured(DOCS_POLICY));
  const readCors = cors({
    origin: "*",
    allowMethods: ["GET", "HEAD"],
    allowHeaders: ALLOWED_HEADERS,
    exposeHeaders: EXPOSED_HEADERS,
    maxAge: 86_400,
  });
  app.use(except(MCP_PATH, readCors));
  app.use(MCP_PATH, mcpCors(KEY_HEADERS, EXPOSED_HEADERS));
  app.use(async (c, next) => {
    c.header("Cache-Control", "no-store");
    const { env, meter } = withRowMeter(c.env);
    c.env = env;
    c.set("meter", meter);
    c.set("deps", deps);
    const config = configOf(c.env);
    c.set("config", config);
    const licenceUrl = licenceOf(config)?.url ?? null;
    if (licenceUrl !== null) c.header("Link", `<${licenceUrl}>; rel="license"`);
    c.set("caller", { kind: "public" });
    c.set("counted", []);
    return next();
  });
  for (const path of ["/v1/*", "/ready", "/metrics"]) app.use(path, identify);
  guardMcp(app);
  mount(app, OPERATIONS);
  app.notFound((c) => problemResponse(c, new ProblemError("not_found", `Nothing exists at ${c.req.path}.`)));
  app.onError((error, c) => problemResponse(c, problemOf(error, c)));
  return app;
}
