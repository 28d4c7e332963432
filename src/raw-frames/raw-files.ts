import { utcDate } from "../batch-object.ts";
import type { ExchangeName } from "../liquidation.ts";

/** The prefix of all raw files. */
export const RAW_PREFIX = "raw/v1/";
export const RAW_CONTENT_TYPE = "application/gzip";

/** The raw frames of one venue and hour, in the order received. */
export interface RawFile {
  readonly exchange: ExchangeName;
  /** The time at which the journal that numbers the rows was created, ms. */
  readonly epoch: number;
  /** The number of the first journal row that the file covers. */
  readonly firstSequence: number;
  /** Each a `RawFrame` as JSON. At least one. */
  readonly lines: readonly string[];
  /** ms; both are in the same UTC hour. */
  readonly firstReceivedTime: number;
  readonly lastReceivedTime: number;
}

/**
 * The key of a raw file. It depends on the journal rows alone, so writing a file again changes nothing. Its folders are
 * Hive partitions; the date is that of arrival.
 */
export function rawFileKey({ exchange, epoch, firstSequence, firstReceivedTime }: Omit<RawFile, "lines" | "lastReceivedTime">): string {
  const date = utcDate(firstReceivedTime);
  const hour = new Date(firstReceivedTime).toISOString().slice(11, 13);
  const name = `raw_${exchange}_${date.replaceAll("-", "")}T${hour}_${epoch}-${String(firstSequence).padStart(10, "0")}.ndjson.gz`;
  return `${rawDatePrefix(date)}venue=${exchange}/${name}`;
}

/** The prefix of all raw files of one UTC date. */
export function rawDatePrefix(date: string): string {
  return `${RAW_PREFIX}date=${date}/`;
}

/** The date of a prefix of raw files, otherwise null. */
export function rawPrefixDate(prefix: string): string | null {
  return /^raw\/v1\/date=(\d{4}-\d{2}-\d{2})\/$/.exec(prefix)?.[1] ?? null;
}

/** The prefix of the raw files of a venue and hour; `time` is any time within it, ms. */
export function rawHourPrefix(exchange: ExchangeName, time: number): string {
  const key = rawFileKey({ exchange, epoch: 0, firstSequence: 0, firstReceivedTime: time });
  return key.slice(0, key.lastIndexOf("_") + 1);
}

/** The key of a raw file by its name, which ends the key; null where it is no such name. */
export function rawKeyOfName(name: string): string | null {
  const [, exchange, year, month, day] = /^raw_([a-z0-9]+)_(\d{4})(\d{2})(\d{2})T\d{2}_\d+-\d{10,}\.ndjson\.gz$/.exec(name) ?? [];
  return day === undefined ? null : `${rawDatePrefix(`${year}-${month}-${day}`)}venue=${exchange}/${name}`;
}

/** The bytes of a raw file: gzip of one line each. */
export async function gzipLines(lines: readonly string[]): Promise<Uint8Array> {
  const text = new Blob(lines.map((line) => `${line}\n`)).stream();
  return new Uint8Array(await new Response(text.pipeThrough(new CompressionStream("gzip"))).arrayBuffer());
}
