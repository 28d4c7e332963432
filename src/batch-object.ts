import type { ExchangeName } from "./liquidation.ts";

/** What the keys of all batches begin with. */
export const BATCH_PREFIX = "liquidations/v1/";

/** UTC date of a time in ms, YYYY-MM-DD. */
export function utcDate(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/**
 * Where a batch lies in the bucket. The key is a function of the batch alone, so writing it again changes nothing. Its
 * folders are Hive partitions, which DuckDB, Spark, polars and pandas read as columns. No partition has the name of a
 * column: pyarrow refuses a folder whose partition and file both hold `exchange`, with different types; batches written
 * before 2026-11-28 have `exchange=` for `venue=`, and whoever reads finds batches by date alone. The sequence is padded
 * so that keys list in its order.
 * @param date UTC, YYYY-MM-DD; a batch over midnight has one object a date
 */
export function batchObjectKey(exchange: ExchangeName, epoch: number, sequence: number, date: string): string {
  return `${batchObjectPrefix(date)}venue=${exchange}/${epoch}-${String(sequence).padStart(10, "0")}.parquet`;
}

/** What the keys of all batches of one UTC date begin with. */
export function batchObjectPrefix(date: string): string {
  return `${BATCH_PREFIX}date=${date}/`;
}

/** The date whose batches have this prefix, else null. */
export function batchPrefixDate(prefix: string): string | null {
  return /^liquidations\/v1\/date=(\d{4}-\d{2}-\d{2})\/$/.exec(prefix)?.[1] ?? null;
}
