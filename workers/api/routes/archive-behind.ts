import type { TimeRange } from "../../../src/windows/range-parts.ts";
import { span } from "../../supabase/archive.ts";
import type { NotCovered } from "../http/answer.ts";
import type { ApiContext } from "../http/api-env.ts";

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
