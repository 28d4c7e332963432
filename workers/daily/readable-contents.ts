import { z } from "zod";
import { batchObjectPrefix } from "../../src/batch-object.ts";
import { dailyFileKey, dailyManifestKey, includedKey } from "../../src/daily/daily-keys.ts";
import type { DailyManifest } from "../../src/daily/manifest.ts";
import type { BatchSource } from "../../src/daily/plan.ts";
import { messageOf } from "../../src/message-of.ts";
import { listAll } from "../r2/bucket.ts";
import { batchSources, dayContents } from "./day-contents.ts";
import { UnreadableDailyFileError, UntrustedDailyFileError, trustedManifest } from "./published-file.ts";

export interface ReadableContents {
  readonly manifest: DailyManifest | null;
  readonly batches: readonly BatchSource[];
}

/**
 * The daily file and the batches of a date without objects that turned out to be unreadable. Where those are the file or
 * what describes it, all batches that are left of the day stand in for it.
 * @param isPatient whether a file that does not match its manifest may still be about to be replaced
 * @throws {UntrustedDailyFileError} where it may
 * @throws {UnreadableDailyFileError} for an object that is to be skipped from now on
 */
export async function readableContents(
  bucket: R2Bucket,
  date: string,
  { skipped, isPatient }: { readonly skipped: ReadonlySet<string>; readonly isPatient: boolean },
): Promise<ReadableContents> {
  const isFileLost = skipped.has(dailyFileKey(date)) || skipped.has(dailyManifestKey(date));
  const manifest = isFileLost ? null : await parsed(dailyManifestKey(date), () => manifestOf(bucket, date, isPatient));
  const isListLost = skipped.has(includedKey(date));
  const objects =
    isFileLost || isListLost
      ? await listAll(bucket, batchObjectPrefix(date))
      : (await parsed(includedKey(date), () => dayContents(bucket, date))).fresh;
  return { manifest, batches: batchSources(date, objects).filter(({ key }) => !skipped.has(key)) };
}

async function manifestOf(bucket: R2Bucket, date: string, isPatient: boolean): Promise<DailyManifest | null> {
  try {
    return await trustedManifest(bucket, date);
  } catch (error) {
    if (isPatient || !(error instanceof UntrustedDailyFileError)) throw error;
    throw new UnreadableDailyFileError(dailyFileKey(date), error.message);
  }
}

async function parsed<T>(key: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError) throw new UnreadableDailyFileError(key, messageOf(error));
    throw error;
  }
}
