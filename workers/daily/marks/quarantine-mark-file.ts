import { z } from "zod";
import { markFileKey, markManifestKey } from "../../../src/daily/mark-keys.ts";
import type { MarkManifest } from "../../../src/daily/mark-manifest.ts";
import { messageOf } from "../../../src/message-of.ts";
import { addDeadLetters } from "../../d1/dead-letters.ts";
import { noteUnpublished } from "../../d1/mark-days.ts";
import type { DayContext } from "../day-context.ts";
import { MARK_FILES, UnreadableDailyFileError, UntrustedDailyFileError, trustedManifestOf } from "../published-file.ts";
import { putAway, putAwayUnder } from "../quarantine.ts";

/** Whether an error says that a file or manifest is broken, so that reading it again is no use. */
export function isCorrupt(error: unknown): boolean {
  const kinds = [UntrustedDailyFileError, UnreadableDailyFileError, z.ZodError, SyntaxError];
  return kinds.some((kind) => error instanceof kind);
}

/** The beginning of the keys under which files of a date are put away. */
function awayPrefix(date: string): string {
  return markFileKey(date).replace(/\.parquet$/, "");
}

/**
 * Moves the file of a day and its manifest out of the way, so that the day is made again from D1. What only the file held
 * is lost, and the next manifest names it.
 */
export async function quarantineMarkFile({ env, now }: DayContext, date: string, reason: string): Promise<void> {
  const keys = [markFileKey(date), markManifestKey(date)];
  for (const key of keys) {
    const object = await env.BUCKET.get(key);
    // The name says which of several files of the day it was.
    if (object !== null) await putAway(env.BUCKET, key.replace(/(\.\w+)$/, `-${object.etag}$1`), object, reason);
  }
  await addDeadLetters(env.DB, "mark_files", [{ record: markFileKey(date), reason }], now);
  await noteUnpublished(env.DB, Date.parse(date));
  await env.BUCKET.delete(keys);
}

/** The files of a date that were put away. */
export async function quarantinedMarkFiles(bucket: R2Bucket, date: string): Promise<MarkManifest["quarantined"]> {
  const objects = await putAwayUnder(bucket, awayPrefix(date));
  return objects.filter(({ key }) => key.endsWith(".parquet")).map(({ key, reason }) => ({ key, reason }));
}

/** The manifest of the day's file; null where the day has none, or had one that was corrupt and was put away. */
export async function soundManifest(day: DayContext, date: string): Promise<MarkManifest | null> {
  try {
    return await trustedManifestOf(day.env.BUCKET, MARK_FILES, date);
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    await quarantineMarkFile(day, date, messageOf(error));
    return null;
  }
}
