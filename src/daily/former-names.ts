/**
 * Gives a stored manifest the current names and fields: `created_time` was called `made_time`, and files were not
 * compared with other counts, nor the ledger anchored, nor its grades. Manifests are not rewritten for that, so all kinds are in the bucket.
 */
export function withCurrentNames(stored: unknown): unknown {
  if (typeof stored !== "object" || stored === null) return stored;
  const compared = { completeness: null, ...stored, ledger: "ledger" in stored ? withGrades(stored.ledger) : null };
  if (!("made_time" in compared)) return compared;
  const { made_time, ...rest } = compared;
  return { created_time: made_time, ...rest };
}

function withGrades(ledger: unknown): unknown {
  return typeof ledger === "object" && ledger !== null ? { grades_sequence: null, grades_hash: null, ...ledger } : ledger;
}
