import { utcDate } from "../../src/batch-object.ts";
import { openExports } from "./export-rows.ts";

/** Rows an owner may still export on this UTC day, if no export runs; null where there is no limit. */
async function exportRowsLeft(db: D1Database, owner: string, now: number): Promise<number | null> {
  const sql = `
    SELECT export_rows_per_day - coalesce((SELECT export_rows FROM api_usage WHERE key_id = ?1 AND date = ?2), 0) AS left
    FROM api_keys WHERE key_id = ?1`;
  return (await db.prepare(sql).bind(owner, utcDate(now)).first<number | null>("left")) ?? null;
}

/** Rows an owner may still export on this UTC day, without those that running exports reserve; null where there is no limit. */
export async function exportRowsFree(db: D1Database, owner: string, now: number): Promise<number | null> {
  const left = await exportRowsLeft(db, owner, now);
  return left === null ? null : left - (await openExports(db, owner)).reserved_rows;
}
