import type { TimeRange } from "../../../src/windows/range-parts.ts";
import { span } from "../../supabase/archive.ts";
import type { NotCovered } from "../http/answer.ts";
import type { ApiContext } from "../http/api-env.ts";

/**
 * The part of a range that the archive may lack because a feed has not sent it yet, after an outage longer than the
 * retention of D1. Call this before reading the archive: a row that arrives in between is then reported as missing and
 * found, and never silently absent.
 */
export async function archiveBehind(c: ApiContext, range: TimeRange): Promise<NotCovered | null> {
  const reports = await c.get("deps").feedStatuses(c.env, c.get("config"));
  const times = reports.map(({ status }) => status?.sinks.supabase.oldest_unstored_event_time ?? range.end);
  const start = Math.max(range.start, Math.min(...times));
  if (start >= range.end) return null;
  const behind = { start, end: range.end };
  const detail = `The archive may lack liquidations ${span(behind)}: a feed has not sent them yet, see /v1/status.`;
  return { ...behind, code: "archive_behind", detail };
}
