import type { Liquidation } from "../liquidation.ts";
import { LIQUIDATION_FIELDS } from "../liquidation-fields.ts";

/** A liquidation in the schema of `STREAM_SCHEMA`. */
export type StreamRecord = Readonly<Record<string, string | number>>;

/**
 * Fields without a value are omitted, which the stream reads as null. Times are texts, because they mean the same
 * whatever time unit the stream was created with.
 * @param row one of `storableRows`
 */
export function streamRecord(row: Liquidation): StreamRecord {
  const record: Record<string, string | number> = {};
  for (const { name, type } of LIQUIDATION_FIELDS) {
    const value = row[name];
    if (value === null) continue;
    record[name] = type === "time" ? new Date(value).toISOString() : value;
  }
  return record;
}
