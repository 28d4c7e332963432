import { type StoredJson, writeJson } from "../r2/bucket.ts";

/**
 * Writes a manifest, unless only its time of writing differs from the one before.
 * @throws {ChangedObjectError} where another run wrote one in the meantime
 */
export async function putManifest<Manifest extends { readonly created_time: number }>(
  bucket: R2Bucket,
  key: string,
  before: StoredJson<Manifest> | null,
  manifest: Manifest,
): Promise<void> {
  const { created_time } = before?.value ?? manifest;
  if (before !== null && JSON.stringify(before.value) === JSON.stringify({ ...manifest, created_time })) return;
  await writeJson(bucket, key, manifest, { replaces: before?.etag ?? null });
}
