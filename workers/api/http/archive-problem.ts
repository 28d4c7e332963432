import { MAX_WAIT_MS } from "../../../src/backoff.ts";
import type { TimeRange } from "../../../src/windows/range-parts.ts";
import type { Archive } from "../../supabase/archive.ts";
import type { SupabaseError } from "../../supabase/problem.ts";
import { ProblemError } from "./problem.ts";

/** The problem for a range that is not covered at all. */
export function nothingCovered(archive: Archive, range: TimeRange): ProblemError {
  const { code, detail } = archive.notCovered(range);
  return new ProblemError(code, detail);
}

/** A failure of the archive, without its message: that goes to the log, as it may hold details callers must not see. */
export function archiveProblem({ kind, retryAfterMs }: SupabaseError): ProblemError {
  switch (kind) {
    case "down": {
      const headers = { "Retry-After": String(Math.ceil(Math.min(retryAfterMs ?? 5_000, MAX_WAIT_MS) / 1000)) };
      return new ProblemError(
        "archive_unavailable",
        "The archive (Supabase) does not respond; recent data, held in D1, is still available.",
        {
          headers,
        },
      );
    }
    case "key":
      return new ProblemError("archive_key_refused", "The archive rejects the key in SUPABASE_SECRET_KEY.");
    case "schema":
      return new ProblemError("archive_schema_outdated", "The archive lacks a migration; run npm run supabase:migrate.");
    case "row":
      return new ProblemError("archive_request_refused", "The archive rejects the request; the log states the reason.");
  }
}
