import { readFile as readBytes, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ReadDay, StoredDay } from "../../src/backtest/replay-days.ts";
import { batchObjectPrefix, utcDate } from "../../src/batch-object.ts";
import { readFile } from "./read-file.ts";

type Wanted = (symbol: string) => boolean;

/** What is stored under a folder or an http(s) address, day by day. */
export function storedDays(data: string, wanted: Wanted): ReadDay {
  return /^https?:\/\//.test(data) ? daysAt(data.replace(/\/+$/, ""), wanted) : daysIn(data, wanted);
}

function dailyKey(date: string): string {
  return `daily/liquidation_${date.replaceAll("-", "")}.parquet`;
}

/** A day's daily file where there is one, else its batches. */
function daysIn(folder: string, wanted: Wanted): ReadDay {
  return async (day) => {
    const date = utcDate(day);
    const daily = await bytesOf(join(folder, dailyKey(date)));
    if (daily !== null) return readNamed(join(folder, dailyKey(date)), daily, wanted);
    const parts: StoredDay[] = [];
    for (const path of await parquetFiles(join(folder, batchObjectPrefix(date)))) {
      const bytes = await bytesOf(path);
      if (bytes !== null) parts.push(readNamed(path, bytes, wanted));
    }
    return parts.length === 0 ? null : { events: parts.flatMap((part) => part.events), gaps: parts.flatMap((part) => part.gaps) };
  };
}

/** A day's daily file: plain http lists no folder, so batches cannot be found there. */
function daysAt(base: string, wanted: Wanted): ReadDay {
  return async (day) => {
    const url = `${base}/${dailyKey(utcDate(day))}`;
    const response = await fetch(url);
    if (response.status === 404) return null;
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return readNamed(url, new Uint8Array(await response.arrayBuffer()), wanted);
  };
}

function readNamed(name: string, bytes: Uint8Array, wanted: Wanted): StoredDay {
  try {
    return readFile(bytes, wanted);
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
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
