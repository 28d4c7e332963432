import type { z } from "zod";

/** Every object with a key that begins with `prefix`, in the order of keys, with its custom metadata. */
export async function listAll(bucket: R2Bucket, prefix: string): Promise<readonly R2Object[]> {
  const found: R2Object[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await bucket.list({ prefix, include: ["customMetadata"], ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.objects);
    if (!page.truncated) return found;
    cursor = page.cursor;
  }
}

/** Maximum number of keys per delete request of R2. */
const MAX_DELETED = 1_000;

export async function deleteAll(bucket: R2Bucket, keys: readonly string[]): Promise<void> {
  for (let from = 0; from < keys.length; from += MAX_DELETED) await bucket.delete(keys.slice(from, from + MAX_DELETED));
}

/** An expected object is missing or was replaced. */
export class MissingObjectError extends Error {
  override readonly name: string = "MissingObjectError";
  readonly key: string;

  constructor(key: string) {
    super(`${key} was deleted or replaced`);
    this.key = key;
  }
}

/** An object was not written, because what it was to replace is no longer there. */
export class ChangedObjectError extends Error {
  override readonly name = "ChangedObjectError";

  constructor(key: string) {
    super(`${key} was changed in the meantime and stays`);
  }
}

/** The condition that a key still has the object with this ETag, or still has none (null). */
export function ifStill(etag: string | null): R2Conditional {
  return etag === null ? { etagDoesNotMatch: "*" } : { etagMatches: etag };
}

export async function readBytes(
  bucket: R2Bucket,
  key: string,
  options: R2GetOptions & { readonly etag?: string } = {},
): Promise<Uint8Array> {
  const { etag, ...rest } = options;
  const object = await bucket.get(key, { ...rest, ...(etag === undefined ? {} : { onlyIf: { etagMatches: etag } }) });
  // An object that does not meet the condition comes without a body.
  if (object === null || !("body" in object)) throw new MissingObjectError(key);
  return object.bytes();
}

/** Null where the object does not exist. */
export async function readJson<T>(bucket: R2Bucket, key: string, schema: z.ZodType<T>): Promise<T | null> {
  return (await readStoredJson(bucket, key, schema))?.value ?? null;
}

/** The value of an object and the ETag that it was read with. */
export interface StoredJson<T> {
  readonly value: T;
  readonly etag: string;
}

/** Null where the object does not exist. */
export async function readStoredJson<T>(bucket: R2Bucket, key: string, schema: z.ZodType<T>): Promise<StoredJson<T> | null> {
  const object = await bucket.get(key);
  return object === null ? null : { value: schema.parse(await object.json()), etag: object.etag };
}

/**
 * @param condition the ETag of the object that it may replace, null for none; absent for any
 * @throws {ChangedObjectError} where another object is there
 */
export async function writeJson(
  bucket: R2Bucket,
  key: string,
  value: unknown,
  condition?: { readonly replaces: string | null },
): Promise<void> {
  const put: R2PutOptions = { httpMetadata: { contentType: "application/json" } };
  const text = JSON.stringify(value);
  if (condition === undefined) await bucket.put(key, text, put);
  else if ((await bucket.put(key, text, { ...put, onlyIf: ifStill(condition.replaces) })) === null) throw new ChangedObjectError(key);
}
