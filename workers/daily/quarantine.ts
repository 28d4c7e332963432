import { batchObjectPrefix } from "../../src/batch-object.ts";
import { QUARANTINE_PREFIX } from "../../src/daily/daily-keys.ts";
import type { QuarantinedBatch } from "../../src/daily/completeness.ts";
import { addDeadLetters } from "../d1/dead-letters.ts";
import { listAll } from "../r2/bucket.ts";
import type { DayContext } from "./day-context.ts";

/** Custom metadata are headers, so they are printable ASCII and short. */
const MAX_REASON = 300;

/** A batch with bytes that cannot be read. */
export class UnreadableBatchError extends Error {
  override readonly name = "UnreadableBatchError";
  readonly key: string;
  readonly etag: string;
  readonly reason: string;

  constructor({ key, etag }: { readonly key: string; readonly etag: string }, reason: string) {
    super(`${key} cannot be read: ${reason}`);
    this.key = key;
    this.etag = etag;
    this.reason = reason;
  }
}

/**
 * Moves a batch that cannot be read out of the folder of batches, with the reason, so that it stops neither the day nor
 * those who read the folder. A batch that was replaced in the meantime stays.
 */
export async function quarantine({ env, now }: DayContext, { key, etag, reason }: UnreadableBatchError): Promise<void> {
  const object = await env.BUCKET.get(key, { onlyIf: { etagMatches: etag } });
  if (object === null || !("body" in object)) return;
  await putAway(env.BUCKET, key, object, reason);
  await addDeadLetters(env.DB, "daily_batches", [{ record: key, reason }], now);
  await env.BUCKET.delete(key);
}

/** Moves an object out of the way, under this key, with the reason. */
export async function putAway(bucket: R2Bucket, key: string, object: R2ObjectBody, reason: string): Promise<void> {
  const shown = reason.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, MAX_REASON);
  await bucket.put(`${QUARANTINE_PREFIX}${key}`, object.body, { customMetadata: { ...object.customMetadata, reason: shown } });
}

/** The batches of a date that could not be read. */
export function quarantinedBatches(bucket: R2Bucket, date: string): Promise<readonly QuarantinedBatch[]> {
  return putAwayUnder(bucket, batchObjectPrefix(date));
}

/** The objects that were moved out of the way, by the beginning of the key that they were moved under. */
export async function putAwayUnder(bucket: R2Bucket, prefix: string): Promise<readonly QuarantinedBatch[]> {
  const objects = await listAll(bucket, `${QUARANTINE_PREFIX}${prefix}`);
  return objects.map(({ key, customMetadata = {} }) => ({
    key: key.slice(QUARANTINE_PREFIX.length),
    rows: customMetadata["rows"] === undefined ? null : Number(customMetadata["rows"]),
    reason: customMetadata["reason"] ?? "",
  }));
}
