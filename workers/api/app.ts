import { Hono } from "hono";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { ConfigError, parseConfig } from "../../src/config.ts";
import { UntrustedDailyFileError } from "../daily/published-file.ts";
import { feedStatuses } from "../feeds.ts";
import { SupabaseOffError } from "../supabase/connection.ts";
import { SupabaseError } from "../supabase/problem.ts";
import type { ApiContext, ApiEnv, ApiSurroundings } from "./api-env.ts";
import { archiveProblem } from "./archive.ts";
import { identify } from "./identify.ts";
import { mount } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { ProblemError, problemResponse } from "./problem.ts";

const EXPOSED_HEADERS = [
  "X-Request-Id",
  "RateLimit-Policy",
  "RateLimit",
  "Retry-After",
  "Location",
  "ETag",
  "Accept-Ranges",
  "Content-Range",
  "Content-Disposition",
  "Repr-Digest",
];
const ALLOWED_HEADERS = ["Authorization", "X-API-Key", "If-None-Match", "Range", "If-Range"];

/** The HTTP API. Every answer is JSON, every failure a problem (RFC 9457). */
export function createApi(around: ApiSurroundings = { now: Date.now, feedStatuses }): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.use(requestId());
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      // Other sites may read the API, as CORS says.
      crossOriginResourcePolicy: "cross-origin",
    }),
  );
  app.use(
    cors({ origin: "*", allowMethods: ["GET", "HEAD"], allowHeaders: ALLOWED_HEADERS, exposeHeaders: EXPOSED_HEADERS, maxAge: 86_400 }),
  );
  app.use(async (c, next) => {
    c.header("Cache-Control", "no-store");
    c.set("around", around);
    c.set("config", parseConfig({ ...c.env }));
    c.set("caller", { kind: "public" });
    return next();
  });
  app.use("/v1/*", identify);
  mount(app, OPERATIONS);
  app.notFound((c) => problemResponse(c, new ProblemError("not_found", `There is nothing at ${c.req.path}.`)));
  app.onError((error, c) => problemResponse(c, problemOf(error, c)));
  return app;
}

/** What went wrong, without anything that is not for the caller to know; that goes to the log. */
function problemOf(error: Error, c: ApiContext): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof HTTPException && error.status < 500) return new ProblemError("bad_parameters", error.message);
  const problem = faultProblem(error);
  const stack = problem.code === "internal" ? { stack: error.stack } : {};
  const line = { event: "api_failed", path: c.req.path, request_id: c.get("requestId"), code: problem.code, error: error.message };
  console.error(JSON.stringify({ ...line, ...stack }));
  return problem;
}

function faultProblem(error: Error): ProblemError {
  if (error instanceof ConfigError) {
    const names = error.message.split("\n").map((line) => line.split(" ", 1)[0]);
    return new ProblemError("misconfigured", `The configuration is wrong: ${names.join(", ")}. The log says what is allowed.`);
  }
  // Every fault of D1 says so at the start of its message: https://developers.cloudflare.com/d1/observability/debug-d1/
  if (error.message.startsWith("D1_")) {
    return new ProblemError("storage_unavailable", "The database does not answer.", { headers: { "Retry-After": "5" } });
  }
  if (error instanceof UntrustedDailyFileError) {
    return new ProblemError("storage_unavailable", "The day's file is being replaced; ask again.", { headers: { "Retry-After": "30" } });
  }
  if (error instanceof SupabaseError) return archiveProblem(error);
  if (error instanceof SupabaseOffError) return new ProblemError("archive_off", error.message);
  return new ProblemError("internal", "Something failed here; the log has it under the request's id.");
}
