/** A daily file that was made, or made again with other contents. */
export interface DatasetChange {
  readonly sequence: number;
  readonly date: string;
  readonly changed_time: number;
  /** Null for the first file of a day. */
  readonly old_sha256: string | null;
  readonly new_sha256: string;
  readonly rows: number;
  readonly bytes: number;
}

const INSERT = `
  INSERT INTO dataset_changes (date, changed_time, old_sha256, new_sha256, rows, bytes)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (date, changed_time, new_sha256) DO NOTHING`;

/**
 * Records a change. Call it before the manifest is written: an interruption in between repeats both, and a change that is
 * recorded twice stays one; the other way round it could be lost.
 */
export async function recordDatasetChange(db: D1Database, change: Omit<DatasetChange, "sequence">): Promise<void> {
  const { date, changed_time, old_sha256, new_sha256, rows, bytes } = change;
  await db.prepare(INSERT).bind(date, changed_time, old_sha256, new_sha256, rows, bytes).run();
}

/** Changes after a sequence number, oldest first. */
export async function datasetChanges(db: D1Database, after: number, limit: number): Promise<readonly DatasetChange[]> {
  const sql = "SELECT * FROM dataset_changes WHERE sequence > ?1 ORDER BY sequence LIMIT ?2";
  return (await db.prepare(sql).bind(after, limit).all<DatasetChange>()).results;
}
