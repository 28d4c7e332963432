import type { Gap } from "../../src/gap.ts";
import { jsonChunks } from "./json-chunks.ts";

// A gap is first reported while it lasts and again when it has ended; a repeated first report must not reopen it. An
// object of a new placement has not connected yet, but the venue was connected before: the earliest end of
// `not_started` stays.
const UPSERT = `
  INSERT INTO gaps (exchange, from_time, to_time, reason)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?1) WHERE true
  ON CONFLICT (exchange, from_time) DO UPDATE
  SET reason = excluded.reason, to_time = CASE excluded.reason
    WHEN 'not_started' THEN min(coalesce(gaps.to_time, excluded.to_time), coalesce(excluded.to_time, gaps.to_time))
    ELSE coalesce(excluded.to_time, gaps.to_time) END`;

/** The statements that record new or changed gaps. */
export function gapWrites(db: D1Database, gaps: readonly Gap[]): readonly D1PreparedStatement[] {
  const rows = jsonChunks(gaps, (gap) => JSON.stringify([gap.exchange, gap.from_time, gap.to_time, gap.reason]));
  return rows.map((chunk) => db.prepare(UPSERT).bind(chunk.json));
}
