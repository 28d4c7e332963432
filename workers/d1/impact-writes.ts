import type { Impact } from "../../src/sink.ts";
import { jsonChunks } from "./json-chunks.ts";

const FIELDS = ["impact_1s_bps", "impact_5s_bps", "impact_60s_bps"] as const;

// A known value stays where another report lacks it: after a change of placement two objects may report the same event.
const UPDATE = `
  UPDATE liquidations SET ${FIELDS.map((field, index) => `${field} = coalesce(known.value ->> ${index + 1}, ${field})`).join(", ")}
  FROM json_each(?1) AS known WHERE event_id = known.value ->> 0`;

/** The statements that add impacts to the hot events they belong to. */
export function impactWrites(db: D1Database, impacts: readonly Impact[]): readonly D1PreparedStatement[] {
  const rows = jsonChunks(impacts, (impact) => JSON.stringify([impact.event_id, ...FIELDS.map((field) => impact[field])]));
  return rows.map((chunk) => db.prepare(UPDATE).bind(chunk.json));
}
