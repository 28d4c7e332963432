import { batchObjectKey, utcDate } from "../batch-object.ts";
import type { Liquidation } from "../liquidation.ts";
import type { Batch } from "../sink.ts";
import { encodeLiquidations } from "./encode.ts";

export interface BatchFile {
  readonly key: string;
  readonly rows: readonly Liquidation[];
  readonly bytes: Uint8Array;
}

/**
 * The rows of a batch as Parquet files, one per UTC date of its events, each encoded on demand. The same batch gives
 * the same keys and bytes. `initParquet` must have been called.
 * @throws {UnstorableRowError} where a row lacks a required field
 */
export function* batchFiles({ exchange, epoch, sequence, sealedTime, gaps, rows }: Batch): Generator<BatchFile> {
  const metadata = { exchange, epoch, sequence, sealed_time: sealedTime, gaps };
  for (const [date, some] of Map.groupBy(rows, (row) => utcDate(row.event_time))) {
    yield { key: batchObjectKey(exchange, epoch, sequence, date), rows: some, bytes: encodeLiquidations(some, { metadata }) };
  }
}
