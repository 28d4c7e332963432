import { BATCH_PREFIX, batchObjectPrefix, batchPrefixDate } from "../../src/batch-object.ts";
import { includedKey } from "../../src/daily/daily-keys.ts";
import type { DailyManifest } from "../../src/daily/manifest.ts";
import { type BatchRef, type BatchSource, type IncludedBatches, includedBatches } from "../../src/daily/plan.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import { listAll, readStoredJson } from "../r2/bucket.ts";
import { trustedManifest } from "./published-file.ts";

/** Everything the bucket holds of a day. */
export interface DayContents {
  /** The manifest of the day's file; null where there is none. */
  readonly manifest: DailyManifest | null;
  readonly included: IncludedBatches;
  /** ETag of the stored list of included batches; null where there is none. */
  readonly listEtag: string | null;
  /** Batches that the file contains, and batches that it lacks. */
  readonly kept: readonly R2Object[];
  readonly fresh: readonly R2Object[];
}

const NOTHING_INCLUDED: IncludedBatches = { sha256: "", batches: [], hot_impacts: [], counts: null };

/** @throws {UntrustedDailyFileError} while the day's file is being replaced */
export async function dayContents(bucket: R2Bucket, date: string): Promise<DayContents> {
  const manifest = await trustedManifest(bucket, date);
  const noted = await readStoredJson(bucket, includedKey(date), includedBatches);
  // A list for another file does not describe this one.
  const included = noted !== null && noted.value.sha256 === manifest?.sha256 ? noted.value : NOTHING_INCLUDED;
  const known = new Set(included.batches.map(refText));
  const listed = await listAll(bucket, batchObjectPrefix(date));
  const isKept = (object: R2Object) => known.has(refText(object));
  return {
    manifest,
    included,
    listEtag: noted?.etag ?? null,
    kept: listed.filter(isKept),
    fresh: listed.filter((object) => !isKept(object)),
  };
}

/** The batches in the form of a plan, by time. */
export function batchSources(date: string, batches: readonly R2Object[]): readonly BatchSource[] {
  const dayStart = Date.parse(date);
  return batches.map((object) => batchSource(object, dayStart)).toSorted((a, b) => a.first_event_time - b.first_event_time);
}

function batchSource(object: R2Object, dayStart: number): BatchSource {
  const number = (name: string, missing: number): number => Number(object.customMetadata?.[name] ?? missing);
  return {
    ...batchRef(object),
    rows: number("rows", 0),
    first_event_time: number("first_event_time", dayStart),
    last_event_time: number("last_event_time", dayStart + DAY_MS - 1),
  };
}

export function batchRef({ key, etag }: R2Object): BatchRef {
  return { key, etag };
}

function refText({ key, etag }: BatchRef): string {
  return `${key} ${etag}`;
}

/** The dates with batches, oldest first. */
export async function batchDates(bucket: R2Bucket): Promise<readonly string[]> {
  const { delimitedPrefixes } = await bucket.list({ prefix: BATCH_PREFIX, delimiter: "/" });
  return delimitedPrefixes.flatMap((prefix) => batchPrefixDate(prefix) ?? []);
}
