import type { LedgerAnchor } from "../../src/signals/ledger-anchor.ts";
import { GENESIS } from "../../src/signals/hash-chain.ts";

const ADD = `
  INSERT INTO ledger_anchors (date, sequence, hash, grades_sequence, grades_hash, anchored_time)
  SELECT ?1, coalesce(decision.sequence, ${GENESIS.sequence}), coalesce(decision.hash, '${GENESIS.hash}'),
    coalesce(grade.sequence, ${GENESIS.sequence}), coalesce(grade.hash, '${GENESIS.hash}'), ?2
  FROM (SELECT 1)
    LEFT JOIN (SELECT sequence, hash FROM signals ORDER BY sequence DESC LIMIT 1) AS decision
    LEFT JOIN (SELECT sequence, hash FROM signal_grades WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1) AS grade
  WHERE true
  ON CONFLICT (date) DO NOTHING`;
const COLUMNS = "date, sequence, hash, grades_sequence, grades_hash, anchored_time";
const MAX_WAITING = 50;

/** Anchors the ledger for a date that has ended, once. */
export async function addAnchor(db: D1Database, date: string, now: number): Promise<boolean> {
  return (await db.prepare(ADD).bind(date, now).run()).meta.changes === 1;
}

/** The anchor of a date; null where there is none. */
export function readAnchor(db: D1Database, date: string): Promise<LedgerAnchor | null> {
  return db.prepare(`SELECT ${COLUMNS} FROM ledger_anchors WHERE date = ?1`).bind(date).first<LedgerAnchor>();
}

type Place = "published" | "archived";

/** The oldest anchors that are not kept in a place yet. */
export async function anchorsWithout(db: D1Database, place: Place): Promise<readonly LedgerAnchor[]> {
  const sql = `SELECT ${COLUMNS} FROM ledger_anchors WHERE ${place}_time IS NULL ORDER BY date LIMIT ${MAX_WAITING}`;
  return (await db.prepare(sql).all<LedgerAnchor>()).results;
}

export async function markAnchors(db: D1Database, place: Place, dates: readonly string[], now: number): Promise<void> {
  const sql = `UPDATE ledger_anchors SET ${place}_time = ?2 WHERE date IN (SELECT value FROM json_each(?1))`;
  await db.prepare(sql).bind(JSON.stringify(dates), now).run();
}
