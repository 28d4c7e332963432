import { readFile as readBytes, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ReadDay, StoredDay } from "../../src/backtest/replay-days.ts";
import { batchObjectPrefix, utcDate } from "../../src/batch-object.ts";
import { dailyFileKey, dailyManifestKey } from "../../src/daily/daily-keys.ts";
import { gapsOf, readFile } from "./read-file.ts";
import { messageOf } from "../../src/message-of.ts";

type Wanted = (symbol: string) => boolean;

/** Null where the file does not exist. */
type Get = (key: string) => Promise<Uint8Array | null>;

/**
 * The data stored under a folder or an http(s) URL, day by day: the file of a day if there is one, otherwise its
 * batches.
 */
export function storedDays(data: string, wanted: Wanted): ReadDay {
  // Plain http cannot list folders, so batches cannot be found there.
  if (/^https?:\/\//.test(data)) return (day) => readDaily(data.replace(/\/+$/, ""), getFrom, utcDate(day), wanted);
  return async (day) => (await readDaily(data, bytesOf, utcDate(day), wanted)) ?? (await readBatches(data, utcDate(day), wanted));
}

async function readDaily(base: string, get: Get, date: string, wanted: Wanted): Promise<StoredDay | null> {
  const name = `${base}/${dailyFileKey(date)}`;
  const bytes = await get(name);
  if (bytes === null) return null;
  const manifest = `${base}/${dailyManifestKey(date)}`;
  const json = await get(manifest);
  const manifestGaps = json === null ? [] : named(manifest, () => gapsOf(new TextDecoder().decode(json)));
  const { events, gaps } = named(name, () => readFile(bytes, wanted));
  return { events, gaps: [...gaps, ...manifestGaps] };
}

async function readBatches(folder: string, date: string, wanted: Wanted): Promise<StoredDay | null> {
  const parts: StoredDay[] = [];
  for (const path of await parquetFiles(join(folder, batchObjectPrefix(date)))) {
    const bytes = await bytesOf(path);
    if (bytes !== null) parts.push(named(path, () => readFile(bytes, wanted)));
  }
  return parts.length === 0 ? null : { events: parts.flatMap((part) => part.events), gaps: parts.flatMap((part) => part.gaps) };
}

function named<Value>(name: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new Error(`${name}: ${messageOf(error)}`, { cause: error });
  }
}

async function getFrom(url: string): Promise<Uint8Array | null> {
  const response = await fetch(url);
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`${url} returned HTTP ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function parquetFiles(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder, { recursive: true });
    return names
      .filter((name) => name.endsWith(".parquet"))
      .toSorted()
      .map((name) => join(folder, name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function bytesOf(path: string): Promise<Uint8Array | null> {
  try {
    return await readBytes(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
