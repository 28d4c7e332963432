import * as z from "zod";
import type { TapeRow } from "../../src/estimates/tape.ts";
import type { DailyManifest } from "../../src/daily/manifest.ts";
import { flowUsd } from "../../src/flow-usd.ts";
import { EXCHANGES, POSITION_SIDES } from "../../src/liquidation-fields.ts";
import { readLiquidations } from "../../src/parquet/decode.ts";
import { DAY_MS, HOUR_MS } from "../../src/windows/calendar.ts";
import { deleteAll, listAll, readJson } from "../r2/bucket.ts";
import { loadParquet } from "../r2/parquet-module.ts";
import { PublishedRows, UntrustedDailyFileError, trustedManifest } from "./published-file.ts";

/** Before the keys of the days' events as a fit of estimates reads them. */
const PREFIX = "daily-work/estimate-tape/";
/** A day is decoded in parts, so that not all its fields are in memory at once. */
const PART_MS = 4 * HOUR_MS;

/** The events of a day in short: [exchange, symbol, contract, side, ms of the day, flow USD]. */
const storedTape = z.object({
  /** SHA-256 of the daily file. */
  sha256: z.string(),
  rows: z.array(z.tuple([z.enum(EXCHANGES), z.string(), z.string(), z.enum(POSITION_SIDES), z.number(), z.number()])),
});

function keyOf(date: string): string {
  return `${PREFIX}${date}.json`;
}

/**
 * Stores what a fit needs of a day's file, unless it is stored already: a fit reads 14 days, of which one is new.
 * @returns `none` where the day has no file, or one that does not match its manifest; `kept` where nothing had to be done
 */
export async function storeTape(bucket: R2Bucket, date: string): Promise<"none" | "kept" | "stored"> {
  const manifest = await manifestOf(bucket, date);
  if (manifest === null) return "none";
  const head = await bucket.head(keyOf(date));
  if (head?.customMetadata?.sha256 === manifest.sha256) return "kept";
  loadParquet();
  const file = await PublishedRows.open(bucket, manifest, readLiquidations);
  const day = Date.parse(date);
  const rows: z.output<typeof storedTape>["rows"] = [];
  for (let start = day; start < day + DAY_MS; start += PART_MS) {
    for (const group of await file.read(start, start + PART_MS)) {
      for (const row of group) {
        const usd = flowUsd(row);
        const isInPart = row.event_time >= start && row.event_time < start + PART_MS;
        if (!isInPart || usd === null || row.coverage === "inferred") continue;
        rows.push([row.exchange, row.symbol, row.instrument, row.position_side, row.event_time - day, usd]);
      }
    }
  }
  const text = JSON.stringify({ sha256: manifest.sha256, rows });
  await bucket.put(keyOf(date), text, { customMetadata: { sha256: manifest.sha256 } });
  return "stored";
}

/** Null too where the file cannot be trusted: one bad day must not end the fits of all. */
async function manifestOf(bucket: R2Bucket, date: string): Promise<DailyManifest | null> {
  try {
    return await trustedManifest(bucket, date);
  } catch (error) {
    if (error instanceof UntrustedDailyFileError) return null;
    throw error;
  }
}

/** The events of several days; null where they are more than so many. */
export async function readTapes(bucket: R2Bucket, dates: readonly string[], maxRows: number): Promise<readonly TapeRow[] | null> {
  const rows: TapeRow[] = [];
  for (const date of dates) {
    const day = await readTape(bucket, date);
    if (rows.length + day.length > maxRows) return null;
    // A call takes no more than some 100,000 arguments, so not push(...day).
    for (const row of day) rows.push(row);
  }
  return rows;
}

/** The events of a day; empty where none are stored. */
export async function readTape(bucket: R2Bucket, date: string): Promise<readonly TapeRow[]> {
  const tape = await readJson(bucket, keyOf(date), storedTape);
  const day = Date.parse(date);
  return (tape?.rows ?? []).map(([exchange, symbol, contract, side, time, usd]) => ({
    exchange,
    symbol,
    contract,
    side,
    time: day + time,
    usd,
  }));
}

/** Deletes the days that no fit reads any more. */
export async function deleteTapes(bucket: R2Bucket, kept: readonly string[]): Promise<void> {
  const keys = new Set(kept.map(keyOf));
  await deleteAll(
    bucket,
    (await listAll(bucket, PREFIX)).map(({ key }) => key).filter((key) => !keys.has(key)),
  );
}
