/**
 * Gives a stored manifest the current names and fields: `created_time` was called `made_time`, and files were not
 * compared with other counts, nor the ledger anchored. Manifests are not rewritten for that, so all kinds are in the bucket.
 */
export function withCurrentNames(stored: unknown): unknown {
  if (typeof stored !== "object" || stored === null) return stored;
  const compared = { completeness: null, ledger: null, ...stored };
  if (!("made_time" in compared)) return compared;
  const { made_time, ...rest } = compared;
  return { created_time: made_time, ...rest };
}
