import { utcDate } from "../../src/batch-object.ts";
import type { DatasetKind } from "../../src/daily/dataset-kind.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";

/** A daily file that was made, or made again with other contents. */
export interface DatasetChange {
  readonly sequence: number;
  readonly kind: DatasetKind;
  readonly date: string;
  readonly changed_time: number;
  /** Null for the first file of a day. */
  readonly old_sha256: string | null;
  readonly new_sha256: string;
  readonly rows: number;
  readonly bytes: number;
}

const INSERT = `
  INSERT INTO dataset_changes (date, changed_time, old_sha256, new_sha256, rows, bytes, kind)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (date, changed_time, new_sha256) DO NOTHING`;

/**
 * Records a change. Call it before the manifest is written: an interruption in between repeats both, and a change that is
 * recorded twice stays one; the other way round it could be lost.
 */
export async function recordDatasetChange(db: D1Database, change: Omit<DatasetChange, "sequence">): Promise<void> {
  const { kind, date, changed_time, old_sha256, new_sha256, rows, bytes } = change;
  await db.prepare(INSERT).bind(date, changed_time, old_sha256, new_sha256, rows, bytes, kind).run();
}

/** The rows of the newest file of each date that a range touches, of those that were ever made. */
export async function lastRowsByDate(db: D1Database, kind: DatasetKind, { start, end }: TimeRange): Promise<ReadonlyMap<string, number>> {
  const sql = `
    SELECT date, rows, max(sequence) FROM dataset_changes WHERE kind = ?1 AND date >= ?2 AND date <= ?3 GROUP BY date`;
  const bound = db.prepare(sql).bind(kind, utcDate(start), utcDate(end - 1));
  return new Map((await bound.all<{ date: string; rows: number }>()).results.map(({ date, rows }) => [date, rows]));
}

/** Changes of one kind of file after a sequence number, oldest first. */
export async function datasetChanges(db: D1Database, kind: DatasetKind, after: number, limit: number): Promise<readonly DatasetChange[]> {
  const sql =
    "SELECT * FROM dataset_changes INDEXED BY dataset_changes_by_kind WHERE sequence > ?1 AND kind = ?3 ORDER BY sequence LIMIT ?2";
  return (await db.prepare(sql).bind(after, limit, kind).all<DatasetChange>()).results;
}
