import type { RecordBatch } from "parquet-wasm/esm";
import { readParquet, transformParquetStream } from "parquet-wasm/esm";
import { writerProperties } from "../parquet/encode.ts";

/** Rows of a sorted file, by place. */
export interface SlicePart {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly rows: number;
}

/**
 * A Parquet file of one row group with these parts' rows in their order. The rows go from reader to writer inside the
 * module, one part at a time, and never become objects: 50,000 of them as objects, Arrow buffers and their copies
 * would take more than a Worker has. The same rows in the same parts give the same bytes.
 */
export async function encodeGroup(parts: AsyncIterable<SlicePart>): Promise<Uint8Array> {
  const encoded = await transformParquetStream(recordBatches(parts), writerProperties({}));
  const chunks: Uint8Array[] = [];
  for await (const chunk of encoded as ReadableStream<Uint8Array>) chunks.push(chunk);
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function recordBatches(parts: AsyncIterable<SlicePart>): ReadableStream<RecordBatch> {
  const iterator = parts[Symbol.asyncIterator]();
  let held: RecordBatch[] = [];
  return new ReadableStream<RecordBatch>(
    {
      async pull(controller) {
        while (held.length === 0) {
          const { done, value } = await iterator.next();
          if (done === true) return controller.close();
          const table = readParquet(value.bytes, { offset: value.offset, limit: value.rows, batchSize: value.rows });
          held = table.recordBatches();
          table.free();
        }
        // The writer takes the batch over and frees it.
        const next = held.shift();
        if (next !== undefined) controller.enqueue(next);
      },
    },
    { highWaterMark: 0 },
  );
}
