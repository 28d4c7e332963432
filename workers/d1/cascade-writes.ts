import type { CascadeRecord } from "../../src/cascade/cascade-record.ts";

const COLUMNS = [
  "cascade_id",
  "symbol",
  "position_side",
  "state",
  "start_time",
  "peak_time",
  "end_time",
  "events",
  "usd",
  "peak_usd_per_s",
  "first_exchange",
  "exchanges",
  "start_mark",
  "extreme_mark",
  "move_bps",
  "severity",
  "market_wide",
  "gaps",
  "constants",
] as const satisfies readonly (keyof CascadeRecord)[];

const UPSERT = `
  INSERT INTO cascades (${COLUMNS.join(", ")}, updated_time)
  SELECT ${COLUMNS.map((name) => `value ->> '$.${name}'`).join(", ")}, ?2 FROM json_each(?1) WHERE true
  ON CONFLICT (cascade_id) DO UPDATE SET
    ${[...COLUMNS.slice(1), "updated_time"].map((name) => `${name} = excluded.${name}`).join(", ")}`;

/** Stores the latest record of each cascade. */
export async function saveCascades(db: D1Database, records: readonly CascadeRecord[], now: number): Promise<void> {
  if (records.length === 0) return;
  const latest = [...new Map(records.map((record) => [record.cascade_id, record])).values()];
  await db.prepare(UPSERT).bind(JSON.stringify(latest), now).run();
}
