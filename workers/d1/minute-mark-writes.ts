import type { MinuteMark } from "../../src/minute-mark.ts";
import { DAY_MS, floorTo } from "../../src/windows/calendar.ts";
import { jsonChunks } from "./json-chunks.ts";
import { noteReports } from "./mark-days.ts";

const KEY = ["symbol", "exchange", "minute"] as const satisfies readonly (keyof MinuteMark)[];
const VALUES = [
  "open",
  "high",
  "low",
  "close",
  "samples",
  "spread_bps",
  "volume_usd",
  "funding_rate",
  "funding_interval_hours",
  "index_price",
  "open_interest_usd",
] as const satisfies readonly (keyof MinuteMark)[];
const COLUMNS = [...KEY, ...VALUES];

const UPSERT = `
  INSERT INTO minute_marks (${COLUMNS.join(", ")})
  SELECT ${COLUMNS.map((_, index) => `value ->> ${index}`).join(", ")} FROM json_each(?1) WHERE true
  ON CONFLICT (${KEY.join(", ")}) DO UPDATE SET ${VALUES.map((name) => `${name} = excluded.${name}`).join(", ")}
  WHERE excluded.samples > minute_marks.samples`;

/**
 * The statements that record minute marks and that their days changed, for one transaction. Of two reports of a venue's
 * minute the one that covers more of it stays.
 */
export function minuteMarkWrites(db: D1Database, marks: readonly MinuteMark[]): readonly D1PreparedStatement[] {
  if (marks.length === 0) return [];
  const days = new Set(marks.map(({ minute }) => floorTo(minute, DAY_MS)));
  return [...runningMarkWrites(db, marks), noteReports(db, [...days])];
}

/** The statements that record minutes that are not over. Their days need not be noted: the complete minutes follow. */
export function runningMarkWrites(db: D1Database, marks: readonly MinuteMark[]): readonly D1PreparedStatement[] {
  const rows = jsonChunks(marks, (mark) => JSON.stringify(COLUMNS.map((name) => mark[name])));
  return rows.map((chunk) => db.prepare(UPSERT).bind(chunk.json));
}
