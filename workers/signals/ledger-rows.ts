import { type ChainHead, GENESIS } from "../../src/signals/hash-chain.ts";
import type { SignalRecord } from "../../src/signals/ledger.ts";
import { COLUMN_LIST, RECORDS_AFTER, type SignalRow, recordOf } from "./signal-row.ts";

/** Records after a place in the ledger, in order. */
export async function recordsAfter(db: D1Database, sequence: number, limit: number): Promise<readonly SignalRecord[]> {
  const { results } = await db.prepare(RECORDS_AFTER).bind(sequence, limit).all<SignalRow>();
  return results.map(recordOf);
}

export async function recordById(db: D1Database, id: string): Promise<SignalRecord | null> {
  const row = await db.prepare(`SELECT ${COLUMN_LIST} FROM signals WHERE signal_id = ?1`).bind(id).first<SignalRow>();
  return row === null ? null : recordOf(row);
}

/** The last record; null while there is none. */
export function ledgerHead(db: D1Database): Promise<ChainHead | null> {
  return db.prepare("SELECT sequence, hash FROM signals ORDER BY sequence DESC LIMIT 1").first<ChainHead>();
}

/** Whether the ledger holds a record of this sequence and hash; the place before the first record is always held. */
export async function holdsRecord(db: D1Database, { sequence, hash }: ChainHead): Promise<boolean> {
  if (sequence === GENESIS.sequence) return hash === GENESIS.hash;
  return (await db.prepare("SELECT 1 FROM signals WHERE sequence = ?1 AND hash = ?2").bind(sequence, hash).first()) !== null;
}
