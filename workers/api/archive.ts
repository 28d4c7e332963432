import type { Config } from "../../src/config.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { missingVariables } from "../supabase/connection.ts";
import type { SupabaseError } from "../supabase/problem.ts";
import type { ApiContext } from "./http/api-env.ts";
import { ProblemError } from "./http/problem.ts";
import type { NotCovered } from "./http/answer.ts";

/** Supabase, as the store of what D1 no longer holds. */
export interface Archive {
  readonly isOn: boolean;
  /** From when on everything can be answered, where D1 holds what is not older than `hotFrom`; ms. */
  answersFrom(hotFrom: number): number;
  /** What is said of a stretch before that. */
  notCovered(range: TimeRange): NotCovered & { readonly code: "archive_off" | "archive_expired" };
}

export function archiveOf(config: Config, now: number): Archive {
  const isOn = missingVariables(config).length === 0;
  const keepDays = config.LIQUIDATION_SUPABASE_RETENTION_DAYS;
  const keptFrom = keepDays === 0 ? 0 : now - keepDays * DAY_MS;
  return {
    isOn,
    answersFrom: (hotFrom) => (isOn ? Math.min(hotFrom, keptFrom) : hotFrom),
    notCovered: (range) => (isOn ? archiveExpired(range, keepDays) : archiveOff(range)),
  };
}

/** Ends a request for a stretch nothing of which can be answered. */
export function nothingCovered(archive: Archive, range: TimeRange): ProblemError {
  const { code, detail } = archive.notCovered(range);
  return new ProblemError(code, detail);
}

function archiveOff(range: TimeRange) {
  const detail = `${span(range)} only the archive could answer, and it is off: SUPABASE_URL and SUPABASE_SECRET_KEY are needed.`;
  return { ...range, code: "archive_off", detail } as const;
}

function archiveExpired(range: TimeRange, keepDays: number) {
  const detail = `${span(range)} nothing is kept: the archive holds ${keepDays} days, as LIQUIDATION_SUPABASE_RETENTION_DAYS says.`;
  return { ...range, code: "archive_expired", detail } as const;
}

/**
 * What of a stretch the archive may lack because a feed has yet to send it, after an outage longer than D1 keeps events.
 * To be asked before the archive is read: a row that arrives in between is then announced and found, never neither.
 */
export async function archiveBehind(c: ApiContext, range: TimeRange): Promise<NotCovered | null> {
  const reports = await c.get("around").feedStatuses(c.env, c.get("config"));
  const times = reports.map(({ status }) => status?.sinks.supabase.oldest_unstored_event_time ?? range.end);
  const start = Math.max(range.start, Math.min(...times));
  if (start >= range.end) return null;
  const behind = { start, end: range.end };
  const detail = `${span(behind)} the archive may lack liquidations: a feed has yet to send them, see /v1/status.`;
  return { ...behind, code: "archive_behind", detail };
}

function span({ start, end }: TimeRange): string {
  return `From ${new Date(start).toISOString()} to ${new Date(end).toISOString()}`;
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
