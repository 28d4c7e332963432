import { messageOf } from "../../src/message-of.ts";
import type { CascadeRecord } from "../../src/cascade/cascade-record.ts";
import { isRowFault } from "./row-fault.ts";

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
  "peak_5s_usd",
  "first_exchange",
  "first_exchange_probability",
  "exchanges",
  "start_mark",
  "extreme_mark",
  "move_bps",
  "severity",
  "market_wide",
  "gaps",
  "adl_states",
  "constants",
] as const satisfies readonly (keyof CascadeRecord)[];

/** Symbol and side of a cascade stay, and its start moves only where two cascades become one or liquidations of before come late. */
const CHANGING = COLUMNS.filter((name) => !["cascade_id", "symbol", "position_side", "start_time"].includes(name));

// SQLite writes the entries of an index again when an update names its columns, whether they change or not.
const UPSERT = `
  INSERT INTO cascades (${COLUMNS.join(", ")}, updated_time)
  SELECT ${COLUMNS.map((name) => `value ->> '$.${name}'`).join(", ")}, ?2 FROM json_each(?1) WHERE true
  ON CONFLICT (cascade_id) DO UPDATE SET ${[...CHANGING, "updated_time"].map((name) => `${name} = excluded.${name}`).join(", ")}`;

const MOVE_START = `
  UPDATE cascades SET start_time = value ->> '$.start_time' FROM json_each(?1)
  WHERE cascade_id = value ->> '$.cascade_id' AND start_time <> value ->> '$.start_time'`;

/** A record that D1 refuses for good, and the reason. */
export interface RefusedCascade {
  readonly record: CascadeRecord;
  readonly reason: string;
}

/**
 * Stores the latest record of each cascade. Where D1 refuses a batch because of one record, the batch is halved until
 * that record stands alone; the others are stored.
 * @returns the refused records
 * @throws {Error} where D1 fails for another reason
 */
export async function saveCascades(db: D1Database, records: readonly CascadeRecord[], now: number): Promise<readonly RefusedCascade[]> {
  const latest = [...new Map(records.map((record) => [record.cascade_id, record])).values()];
  const [first] = latest;
  if (first === undefined) return [];
  try {
    const json = JSON.stringify(latest);
    await db.batch([db.prepare(UPSERT).bind(json, now), db.prepare(MOVE_START).bind(json)]);
    return [];
  } catch (error) {
    const reason = messageOf(error);
    if (!isRowFault(reason)) throw error;
    if (latest.length === 1) return [{ record: first, reason }];
    const middle = Math.ceil(latest.length / 2);
    const refused = await saveCascades(db, latest.slice(0, middle), now);
    return [...refused, ...(await saveCascades(db, latest.slice(middle), now))];
  }
}
