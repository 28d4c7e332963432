import { utcDate } from "../../src/batch-object.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import {
  RAW_CONTENT_TYPE,
  RAW_PREFIX,
  type RawFile,
  gzipLines,
  rawDatePrefix,
  rawFileKey,
  rawHourPrefix,
  rawPrefixDate,
} from "../../src/raw-frames/raw-files.ts";
import type { RawFrame } from "../../src/raw-frames/raw-frame.ts";
import { hex } from "../../src/sha256.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { listAll } from "./bucket.ts";

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

/** The dates with raw files, oldest first. */
export async function rawDates(bucket: R2Bucket): Promise<readonly string[]> {
  const dates: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await bucket.list({ prefix: RAW_PREFIX, delimiter: "/", ...(cursor === undefined ? {} : { cursor }) });
    dates.push(...page.delimitedPrefixes.flatMap((prefix) => rawPrefixDate(prefix) ?? []));
    if (!page.truncated) return dates;
    cursor = page.cursor;
  }
}

/** A raw file as described by its object. */
export interface ListedRawFile {
  readonly name: string;
  readonly exchange: ExchangeName;
  readonly frames: number;
  readonly bytes: number;
  readonly sha256: string;
  /** ms */
  readonly first_received_time: number;
  readonly last_received_time: number;
}

interface RawFileQuery {
  readonly range: TimeRange;
  /** Null for all venues. */
  readonly exchange: ExchangeName | null;
  /** The last file of the previous page. */
  readonly afterKey: string | null;
  readonly limit: number;
}

/** The raw files with frames that arrived within the range, in the order of their keys: date, venue, hour. */
export async function rawFilesIn(bucket: R2Bucket, { range, exchange, afterKey, limit }: RawFileQuery): Promise<readonly ListedRawFile[]> {
  const found: ListedRawFile[] = [];
  const lastDate = utcDate(range.end - 1);
  const firstDate = utcDate(range.start);
  for (const date of await rawDates(bucket)) {
    const isPassed = afterKey !== null && `${rawDatePrefix(date)}~` < afterKey;
    if (date < firstDate || date > lastDate || isPassed) continue;
    const objects = await listAll(bucket, `${rawDatePrefix(date)}${exchange === null ? "" : `venue=${exchange}/`}`);
    for (const object of objects) {
      const file = listed(object);
      const isWithin = file.first_received_time < range.end && file.last_received_time >= range.start;
      if (isWithin && (afterKey === null || object.key > afterKey)) found.push(file);
    }
    if (found.length >= limit) break;
  }
  return found.slice(0, limit);
}

function listed({ key, size, customMetadata = {} }: R2Object): ListedRawFile {
  return {
    name: key.slice(key.lastIndexOf("/") + 1),
    exchange: customMetadata["exchange"] as ExchangeName,
    frames: Number(customMetadata["frames"]),
    bytes: size,
    sha256: customMetadata["sha256"] ?? "",
    first_received_time: Number(customMetadata["first_received_time"]),
    last_received_time: Number(customMetadata["last_received_time"]),
  };
}

/**
 * The line of the frame that first held a liquidation, from the files of the hour in which it arrived; null where none
 * of them has it.
 */
export async function findRawFrame(
  bucket: R2Bucket,
  exchange: ExchangeName,
  eventId: string,
  receivedTime: number,
): Promise<string | null> {
  const quoted = JSON.stringify(eventId);
  for (const file of await listAll(bucket, rawHourPrefix(exchange, receivedTime))) {
    const { first_received_time, last_received_time } = listed(file);
    const object = receivedTime < first_received_time || receivedTime > last_received_time ? null : await bucket.get(file.key);
    if (object === null) continue;
    for await (const line of linesOf(object.body.pipeThrough(new DecompressionStream("gzip")))) {
      if (line.includes(quoted) && (JSON.parse(line) as RawFrame).event_ids.includes(eventId)) return line;
    }
  }
  return null;
}

async function* linesOf(bytes: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const [first = "", ...others] = text.split("\n");
    rest += first;
    for (const line of others) {
      yield rest;
      rest = line;
    }
  }
  if (rest !== "") yield rest;
}
