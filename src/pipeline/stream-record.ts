import type { Liquidation } from "../liquidation.ts";
import { LIQUIDATION_FIELDS } from "../liquidation-fields.ts";
import { fits } from "../parquet/writable.ts";

/** A liquidation as a stream of `STREAM_SCHEMA` takes it. */
export type StreamRecord = Readonly<Record<string, string | number>>;

/**
 * Fields without a value are left out, which the stream reads as null. Times are texts, which mean the same whatever
 * unit a stream was made with. Half a character has no place in JSON that others read: it is replaced, as in Parquet.
 */
export function streamRecord(row: Liquidation): StreamRecord {
  const record: Record<string, string | number> = {};
  for (const { name, type } of LIQUIDATION_FIELDS) {
    const value: unknown = row[name];
    if (!fits(type, value)) continue;
    if (type === "time") record[name] = new Date(value).toISOString();
    else record[name] = typeof value === "string" ? value.toWellFormed() : value;
  }
  return record;
}
