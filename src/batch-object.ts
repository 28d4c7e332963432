import type { ExchangeName } from "./liquidation.ts";

/** The prefix of all batches. */
export const BATCH_PREFIX = "liquidations/v1/";

/** The UTC date of a time in ms, YYYY-MM-DD. */
export function utcDate(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/**
 * The keys of batches in the bucket. A key depends on the batch alone, so writing it again changes nothing. Its folders
 * are Hive partitions, which DuckDB and other readers take as columns. No partition has the name of a column:
 * pyarrow refuses a folder whose partition and file both have `exchange` with different types.
 */
export function batchObjectKey(exchange: ExchangeName, epoch: number, sequence: number, date: string): string {
  return `${batchObjectPrefix(date)}venue=${exchange}/${epoch}-${String(sequence).padStart(10, "0")}.parquet`;
}

/** The key of rows of a date that were lost from the bucket and stored again, with a digest of them. */
export function refillObjectKey(exchange: ExchangeName, date: string, digest: string): string {
  return `${batchObjectPrefix(date)}venue=${exchange}/refill-${digest}.parquet`;
}

/** The key of a batch where its own has other rows, with a digest of the batch. */
export function otherBatchKey(key: string, digest: string): string {
  return key.replace(/\.parquet$/, `-${digest}.parquet`);
}

/** The prefix of all batches of one UTC date. */
export function batchObjectPrefix(date: string): string {
  return `${BATCH_PREFIX}date=${date}/`;
}

/** The date of a prefix of batches, otherwise null. */
export function batchPrefixDate(prefix: string): string | null {
  return /^liquidations\/v1\/date=(\d{4}-\d{2}-\d{2})\/$/.exec(prefix)?.[1] ?? null;
}
