import { DAILY_PREFIX, dailyFileKey, dailyManifestKey, publishedDate } from "../../src/daily/daily-keys.ts";
import type { DatasetKind } from "../../src/daily/dataset-kind.ts";
import { type DailyManifest, storedDailyManifest } from "../../src/daily/manifest.ts";
import { MARKS_PREFIX, markFileKey, markManifestKey, publishedMarkDate } from "../../src/daily/mark-keys.ts";
import { type MarkManifest, markManifest } from "../../src/daily/mark-manifest.ts";
import { listAll, readJson } from "../r2/bucket.ts";
import { MARK_FILES, trustedManifest, trustedManifestOf } from "./published-file.ts";

/** A manifest of a daily file of any kind. */
export type DatasetManifest = ({ readonly kind: "liquidations" } & DailyManifest) | MarkManifest;

interface DatasetFiles {
  readonly prefix: string;
  readonly dateOf: (key: string) => string | null;
  readonly fileKey: (date: string) => string;
  /** The current manifest, whether or not its file matches; null where the day has none. */
  readonly manifest: (bucket: R2Bucket, date: string) => Promise<DatasetManifest | null>;
  /** The manifest of a complete file, see `trustedManifestOf`. */
  readonly trusted: (bucket: R2Bucket, date: string) => Promise<DatasetManifest | null>;
}

const named = (manifest: DailyManifest | null) => (manifest === null ? null : ({ kind: "liquidations", ...manifest } as const));

/** The daily files of each kind. */
export const DATASET_FILES: Readonly<Record<DatasetKind, DatasetFiles>> = {
  liquidations: {
    prefix: DAILY_PREFIX,
    dateOf: publishedDate,
    fileKey: dailyFileKey,
    manifest: async (bucket, date) => named(await readJson(bucket, dailyManifestKey(date), storedDailyManifest)),
    trusted: async (bucket, date) => named(await trustedManifest(bucket, date)),
  },
  minute_marks: {
    prefix: MARKS_PREFIX,
    dateOf: publishedMarkDate,
    fileKey: markFileKey,
    manifest: (bucket, date) => readJson(bucket, markManifestKey(date), markManifest),
    trusted: (bucket, date) => trustedManifestOf(bucket, MARK_FILES, date),
  },
};

/** The dates with a daily file of a kind, oldest first. */
export async function datasetDates(bucket: R2Bucket, kind: DatasetKind): Promise<readonly string[]> {
  const { prefix, dateOf } = DATASET_FILES[kind];
  const dates = (await listAll(bucket, prefix)).flatMap(({ key }) => dateOf(key) ?? []);
  return [...new Set(dates)].toSorted();
}
