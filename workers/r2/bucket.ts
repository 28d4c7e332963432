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
  override readonly name = "MissingObjectError";

  constructor(key: string) {
    super(`${key} was deleted or replaced`);
  }
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
  const object = await bucket.get(key);
  return object === null ? null : schema.parse(await object.json());
}

export async function writeJson(bucket: R2Bucket, key: string, value: unknown): Promise<void> {
  await bucket.put(key, JSON.stringify(value), { httpMetadata: { contentType: "application/json" } });
}
