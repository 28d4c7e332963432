import { HTTPException } from "hono/http-exception";
import { ConfigError } from "../../../src/config.ts";
import { UntrustedDailyFileError } from "../../daily/published-file.ts";
import { SupabaseOffError } from "../../supabase/connection.ts";
import { SupabaseError } from "../../supabase/problem.ts";
import type { ApiContext } from "./api-env.ts";
import { archiveProblem } from "./archive-problem.ts";
import { ProblemError } from "./problem.ts";
import { writeLog } from "../../../src/log.ts";

/** The problem to answer an error with. Details that are none of the caller's business go to the log only. */
export function problemOf(error: Error, c: ApiContext): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof HTTPException && error.status < 500) return new ProblemError("bad_parameters", error.message);
  const problem = faultProblem(error);
  const stack = problem.code === "internal" ? { stack: error.stack } : {};
  const line = { event: "api_failed", path: c.req.path, request_id: c.get("requestId"), code: problem.code, error: error.message };
  writeLog("error", { ...line, ...stack });
  return problem;
}

function faultProblem(error: Error): ProblemError {
  if (error instanceof ConfigError) {
    const names = error.message.split("\n").map((line) => line.split(" ", 1)[0]);
    return new ProblemError("misconfigured", `The configuration is invalid: ${names.join(", ")}. The log states the allowed values.`);
  }
  // Every error message of D1 starts with D1_: https://developers.cloudflare.com/d1/observability/debug-d1/
  if (error.message.startsWith("D1_")) {
    return new ProblemError("storage_unavailable", "The database does not respond.", { headers: { "Retry-After": "5" } });
  }
  if (error instanceof UntrustedDailyFileError) {
    return new ProblemError("storage_unavailable", "The file of this day is being replaced; repeat the request.", {
      headers: { "Retry-After": "30" },
    });
  }
  if (error instanceof SupabaseError) return archiveProblem(error);
  if (error instanceof SupabaseOffError) return new ProblemError("archive_off", error.message);
  return new ProblemError("internal", "The server failed; the log holds the error under the request id.");
}
