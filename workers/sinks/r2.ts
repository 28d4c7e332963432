import { batchObjectKey, utcDate } from "../../src/batch-object.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { SCHEMA_VERSION } from "../../src/liquidation-fields.ts";
import { PARQUET_CONTENT_TYPE, encodeLiquidations } from "../../src/parquet/encode.ts";
import { unwritableReason } from "../../src/parquet/writable.ts";
import type { Batch, RefusedRow, Sink, SinkOutcome } from "../../src/sink.ts";
import type { Env } from "../env.ts";
import { loadParquet } from "./parquet-module.ts";

/** Batches as Parquet objects in R2, one a batch and UTC date of its events. */
export const r2Sink: Sink<Env> = {
  name: "r2",
  off: () => null,
  // Sealing a batch paces the writes already.
  intervalMs: () => 0,
  write: (env, _config, batch) => writeBatch(env.BUCKET, batch),
};

async function writeBatch(bucket: R2Bucket, batch: Batch): Promise<SinkOutcome> {
  try {
    const { writable, refused } = sift(batch.rows);
    for (const [date, rows] of Map.groupBy(writable, (row) => utcDate(row.event_time))) await putRows(bucket, batch, date, rows);
    return { kind: "stored", refused };
  } catch (error) {
    return { kind: "failed", error: error instanceof Error ? error.message : String(error), retryAfterMs: null };
  }
}

/** A row without a place in the schema is given back, so that it does not hold up the rows around it for ever. */
function sift(rows: readonly Liquidation[]): { readonly writable: readonly Liquidation[]; readonly refused: readonly RefusedRow[] } {
  const writable: Liquidation[] = [];
  const refused: RefusedRow[] = [];
  for (const row of rows) {
    const reason = unwritableReason(row);
    if (reason === null) writable.push(row);
    else refused.push({ eventId: row.event_id, reason });
  }
  return { writable, refused };
}

async function putRows(bucket: R2Bucket, batch: Batch, date: string, rows: readonly Liquidation[]): Promise<void> {
  loadParquet();
  const { exchange, epoch, sequence, sealedTime, gaps } = batch;
  const bytes = encodeLiquidations(rows, { metadata: { exchange, epoch, sequence, sealed_time: sealedTime, gaps } });
  const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const times = rows.map((row) => row.event_time);
  await bucket.put(batchObjectKey(exchange, epoch, sequence, date), bytes, {
    // R2 refuses the upload where what arrived has another hash.
    sha256,
    httpMetadata: { contentType: PARQUET_CONTENT_TYPE },
    customMetadata: {
      rows: String(rows.length),
      first_event_time: String(times.reduce((first, time) => Math.min(first, time))),
      last_event_time: String(times.reduce((last, time) => Math.max(last, time))),
      schema_version: String(SCHEMA_VERSION),
      sha256: Buffer.from(sha256).toString("hex"),
    },
  });
}
