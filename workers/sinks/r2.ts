import { SCHEMA_VERSION } from "../../src/liquidation-fields.ts";
import { type BatchFile, batchFiles } from "../../src/parquet/batch-files.ts";
import { PARQUET_CONTENT_TYPE } from "../../src/parquet/encode.ts";
import type { Batch, Sink, SinkOutcome } from "../../src/sink.ts";
import type { Env } from "../env.ts";
import { loadParquet } from "../r2/parquet-module.ts";
import { otherBatchKey } from "../../src/batch-object.ts";
import { ifStill } from "../r2/bucket.ts";
import { putRawFile } from "../r2/raw-files.ts";
import { messageOf } from "../../src/message-of.ts";
import { hex } from "../../src/sha256.ts";

/** Of an object, unless a single batch has more. */
const GROUP_ROWS = 2_000;

/** Stores batches as Parquet objects in R2, one per batch or group of them and UTC date of its events, and raw frames by hour. */
export const r2Sink: Sink<Env> = {
  name: "r2",
  off: () => null,
  // The sealing of batches already paces the writes.
  intervalMs: () => 0,
  groupRows: GROUP_ROWS,
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

/**
 * Stores a batch under its key, with the numbers that the daily files are planned by. A key whose object has other rows keeps them: a
 * journal uses numbers a second time where its storage was set back to an earlier time.
 */
export async function putBatchFile(bucket: R2Bucket, { key, rows, bytes }: BatchFile): Promise<void> {
  const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const times = rows.map((row) => row.event_time);
  const ofRows = {
    rows: String(rows.length),
    first_event_time: String(times.reduce((first, time) => Math.min(first, time))),
    last_event_time: String(times.reduce((last, time) => Math.max(last, time))),
  };
  const options = {
    // R2 rejects the upload if the received bytes have another hash.
    sha256,
    httpMetadata: { contentType: PARQUET_CONTENT_TYPE },
    customMetadata: { ...ofRows, schema_version: String(SCHEMA_VERSION), sha256: hex(sha256) },
  };
  if ((await bucket.put(key, bytes, { ...options, onlyIf: ifStill(null) })) !== null) return;
  const before = (await bucket.head(key))?.customMetadata;
  const isOther = before !== undefined && Object.entries(ofRows).some(([name, value]) => before[name] !== value);
  await bucket.put(isOther ? otherBatchKey(key, hex(sha256).slice(0, 16)) : key, bytes, options);
}
