/**
 * Gives a stored manifest the current names: `created_time` was called `made_time`. Manifests are not rewritten for a
 * name, so both kinds are in the bucket.
 */
export function withCurrentNames(stored: unknown): unknown {
  if (typeof stored !== "object" || stored === null || !("made_time" in stored)) return stored;
  const { made_time, ...rest } = stored;
  return { created_time: made_time, ...rest };
}
