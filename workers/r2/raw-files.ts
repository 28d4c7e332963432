import { RAW_CONTENT_TYPE, RAW_PREFIX, type RawFile, gzipLines, rawFileKey, rawPrefixDate } from "../../src/raw-frames/raw-files.ts";
import { hex } from "../../src/sha256.ts";

/** Writes a raw file; the same file gives the same object. */
export async function putRawFile(bucket: R2Bucket, file: RawFile): Promise<void> {
  const bytes = await gzipLines(file.lines);
  const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  await bucket.put(rawFileKey(file), bytes, {
    // R2 rejects the upload if the received bytes have another hash.
    sha256,
    httpMetadata: { contentType: RAW_CONTENT_TYPE },
    customMetadata: {
      exchange: file.exchange,
      frames: String(file.lines.length),
      first_received_time: String(file.firstReceivedTime),
      last_received_time: String(file.lastReceivedTime),
      sha256: hex(sha256),
    },
  });
}

/** The dates with raw files, oldest first; of very many only the oldest. */
export async function rawDates(bucket: R2Bucket): Promise<readonly string[]> {
  const { delimitedPrefixes } = await bucket.list({ prefix: RAW_PREFIX, delimiter: "/" });
  return delimitedPrefixes.flatMap((prefix) => rawPrefixDate(prefix) ?? []);
}
