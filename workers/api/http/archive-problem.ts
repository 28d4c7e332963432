import type { TimeRange } from "../../../src/windows/range-parts.ts";
import type { Archive } from "../../supabase/archive.ts";
import type { SupabaseError } from "../../supabase/problem.ts";
import { ProblemError } from "./problem.ts";

/** Ends a request for a stretch nothing of which can be answered. */
export function nothingCovered(archive: Archive, range: TimeRange): ProblemError {
  const { code, detail } = archive.notCovered(range);
  return new ProblemError(code, detail);
}

/** A failure of the archive without what it said: that is for the log and may name what is not for everybody. */
export function archiveProblem({ kind, retryAfterMs }: SupabaseError): ProblemError {
  switch (kind) {
    case "down": {
      const headers = { "Retry-After": String(Math.ceil((retryAfterMs ?? 5_000) / 1000)) };
      return new ProblemError("archive_unavailable", "The archive (Supabase) does not answer; what D1 holds can be asked for.", {
        headers,
      });
    }
    case "key":
      return new ProblemError("archive_key_refused", "The archive refuses the key in SUPABASE_SECRET_KEY.");
    case "schema":
      return new ProblemError("archive_schema_outdated", "The archive misses a migration: npm run supabase:migrate.");
    case "row":
      return new ProblemError("archive_request_refused", "The archive refuses the request; the log says why.");
  }
}
