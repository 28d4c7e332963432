import type { TimeRange } from "../../src/windows/range-parts.ts";
import type { NotCovered } from "./read-route.ts";

/** What is said of a stretch that only the archive holds, while there is none. */
export function archiveOff({ start, end }: TimeRange): NotCovered {
  const from = new Date(start).toISOString();
  const to = new Date(end).toISOString();
  const detail = `From ${from} to ${to} only the archive could answer, and it is off: SUPABASE_URL and SUPABASE_SECRET_KEY are needed.`;
  return { start, end, code: "archive_off", detail };
}
