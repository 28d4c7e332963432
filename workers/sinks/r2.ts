import { SCHEMA_VERSION } from "../../src/liquidation-fields.ts";
import { type BatchFile, batchFiles } from "../../src/parquet/batch-files.ts";
import { PARQUET_CONTENT_TYPE } from "../../src/parquet/encode.ts";
import type { Batch, Sink, SinkOutcome } from "../../src/sink.ts";
import type { Env } from "../env.ts";
import { loadParquet } from "../r2/parquet-module.ts";
import { putRawFile } from "../r2/raw-files.ts";
import { messageOf } from "../../src/message-of.ts";
import { hex } from "../../src/sha256.ts";

/** Stores batches as Parquet objects in R2, one per batch and UTC date of its events, and raw frames by hour. */
export const r2Sink: Sink<Env> = {
  name: "r2",
  off: () => null,
  // The sealing of batches already paces the writes.
  intervalMs: () => 0,
  write: (env, _config, batch) => writeBatch(env.BUCKET, batch),
  writeFrames: (env, file) => putRawFile(env.BUCKET, file),
};

async function writeBatch(bucket: R2Bucket, batch: Batch): Promise<SinkOutcome> {
  try {
    loadParquet();
    for (const file of batchFiles(batch)) await putBatchFile(bucket, file);
    return { kind: "stored", refused: [] };
  } catch (error) {
    return { kind: "failed", error: messageOf(error), retryAfterMs: null };
  }
}

/** Stores a batch under its key, with the numbers that the daily files are planned by. */
export async function putBatchFile(bucket: R2Bucket, { key, rows, bytes }: BatchFile): Promise<void> {
  const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const times = rows.map((row) => row.event_time);
  await bucket.put(key, bytes, {
    // R2 rejects the upload if the received bytes have another hash.
    sha256,
    httpMetadata: { contentType: PARQUET_CONTENT_TYPE },
    customMetadata: {
      rows: String(rows.length),
      first_event_time: String(times.reduce((first, time) => Math.min(first, time))),
      last_event_time: String(times.reduce((last, time) => Math.max(last, time))),
      schema_version: String(SCHEMA_VERSION),
      sha256: hex(sha256),
    },
  });
}
