import type { LedgerHead, SignalRecord } from "../../src/signals/ledger.ts";

/** The columns of `signals`, and the fields of a record. */
export const SIGNAL_COLUMNS = [
  "sequence",
  "signal_id",
  "created_time",
  "minute",
  "symbol",
  "window",
  "action",
  "confidence",
  "calibrated_probability",
  "paper",
  "reason",
  "reason_code",
  "invalidation",
  "long_change_pct",
  "short_change_pct",
  "statistics",
  "analyst",
  "model",
  "prompt_version",
  "rule_action",
  "input_hash",
  "previous_hash",
  "hash",
] as const satisfies readonly (keyof SignalRecord)[];

/** For SQL, where `window` is a keyword. */
export const COLUMN_LIST = SIGNAL_COLUMNS.map((name) => `"${name}"`).join(", ");

export type SignalRow = Omit<SignalRecord, "paper" | "statistics"> & { readonly paper: number; readonly statistics: string };

/** A row as the record it holds. Statistics that are no JSON any more become null, which the hashes show. */
export function recordOf(row: SignalRow): SignalRecord {
  return { ...row, paper: row.paper === 1, statistics: parse(row.statistics) };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return null;
  }
}

/** Records after a place in the ledger, in order. */
export async function recordsAfter(db: D1Database, sequence: number, limit: number): Promise<readonly SignalRecord[]> {
  const { results } = await db
    .prepare(`SELECT ${COLUMN_LIST} FROM signals WHERE sequence > ?1 ORDER BY sequence LIMIT ?2`)
    .bind(sequence, limit)
    .all<SignalRow>();
  return results.map(recordOf);
}

export async function recordById(db: D1Database, id: string): Promise<SignalRecord | null> {
  const row = await db.prepare(`SELECT ${COLUMN_LIST} FROM signals WHERE signal_id = ?1`).bind(id).first<SignalRow>();
  return row === null ? null : recordOf(row);
}

/** The last record; null while there is none. */
export function ledgerHead(db: D1Database): Promise<LedgerHead | null> {
  return db.prepare("SELECT sequence, hash FROM signals ORDER BY sequence DESC LIMIT 1").first<LedgerHead>();
}
