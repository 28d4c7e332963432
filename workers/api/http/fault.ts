import { HTTPException } from "hono/http-exception";
import { ConfigError } from "../../../src/config.ts";
import { UntrustedDailyFileError } from "../../daily/published-file.ts";
import { SupabaseOffError } from "../../supabase/connection.ts";
import { SupabaseError } from "../../supabase/problem.ts";
import type { ApiContext } from "./api-env.ts";
import { archiveProblem } from "./archive-problem.ts";
import { ProblemError } from "./problem.ts";

/** What went wrong, without anything that is not for the caller to know; that goes to the log. */
export function problemOf(error: Error, c: ApiContext): ProblemError {
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
