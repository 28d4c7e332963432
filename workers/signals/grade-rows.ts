import type { GivenGrade, GradeRow, Horizon } from "../../src/grades/grade.ts";
import { type GradeRecord, sealGrade } from "../../src/grades/grade-ledger.ts";
import { type ChainHead, GENESIS, GENESIS_HASH } from "../../src/signals/hash-chain.ts";
import type { SignalRecord } from "../../src/signals/ledger.ts";
import type { Action } from "../../src/signals/verdict.ts";
import { GRADE_COLUMNS, GRADE_COLUMN_LIST, GRADES_AFTER, SEALED_COLUMNS } from "./grade-columns.ts";

/** The data that one grade is computed from. */
export interface DueGrade {
  readonly signal_id: string;
  readonly horizon: Horizon;
  readonly due_time: number;
  readonly created_time: number;
  readonly minute: number;
  readonly symbol: string;
  readonly action: Action;
  readonly rule_action: Action;
  readonly hash: string;
  readonly statistics: string;
}

/** An attempt fails where another run gave a grade in the meantime. */
const MAX_ATTEMPTS = 20;

const DUE = `
  SELECT grades.signal_id, horizon, due_time, created_time, minute, symbol, action, rule_action, signals.hash, statistics
  FROM signal_grades AS grades CROSS JOIN signals
  WHERE graded_time IS NULL AND due_time <= ?1 AND signals.signal_id = grades.signal_id
  ORDER BY due_time, grades.signal_id LIMIT ?2`;
const HEAD = "SELECT sequence, hash FROM signal_grades WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1";
/** Gives a grade only where it has none yet and the chain still ends with the expected hash. */
const GIVE = `
  UPDATE signal_grades SET ${SEALED_COLUMNS.map((name, index) => `${name} = ?${index + 3}`).join(", ")},
    published_time = ?${SEALED_COLUMNS.length + 3}
  WHERE signal_id = ?1 AND horizon = ?2 AND graded_time IS NULL
    AND coalesce((SELECT hash FROM (${HEAD})), '${GENESIS_HASH}') = ?${SEALED_COLUMNS.indexOf("previous_hash") + 3}`;
const ONE = `SELECT ${GRADE_COLUMN_LIST} FROM signal_grades WHERE signal_id = ?1 AND horizon = ?2`;
const OF_SIGNAL = `SELECT ${GRADE_COLUMN_LIST} FROM signal_grades WHERE signal_id = ?1 ORDER BY due_time`;
const GRADES_BEFORE = `SELECT ${GRADE_COLUMN_LIST} FROM signal_grades WHERE sequence < ?1 ORDER BY sequence DESC LIMIT ?2`;
const UNPUBLISHED = `
  SELECT ${GRADE_COLUMNS.map((name) => `grades.${name}`).join(", ")}, symbol, action, confidence, paper
  FROM signal_grades AS grades CROSS JOIN signals
  WHERE published_time IS NULL AND graded_time IS NOT NULL AND signals.signal_id = grades.signal_id
  ORDER BY graded_time LIMIT ?1`;

/** The due grades, oldest first. */
export async function dueGrades(db: D1Database, now: number, limit: number): Promise<readonly DueGrade[]> {
  return (await db.prepare(DUE).bind(now, limit).all<DueGrade>()).results;
}

/**
 * Gives a grade its place at the end of the chain, once: an existing grade stays. Two runs cannot give two grades the same
 * place.
 * @throws {Error} where other runs give grades faster than this one can
 */
export async function giveGrade(
  db: D1Database,
  { signal_id, horizon, due_time, hash: signal_hash }: DueGrade,
  given: GivenGrade,
): Promise<void> {
  const published = given.net_return_bps === null ? given.graded_time : null;
  for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
    const record = await sealGrade({ signal_id, horizon, due_time, signal_hash, ...given }, (await gradesHead(db)) ?? GENESIS);
    const values = SEALED_COLUMNS.map((name) => record[name]);
    const { meta } = await db
      .prepare(GIVE)
      .bind(signal_id, horizon, ...values, published)
      .run();
    if (meta.changes === 1) return;
    const stored = await db.prepare(ONE).bind(signal_id, horizon).first<GradeRow>();
    if (stored === null || stored.graded_time !== null) return;
  }
  throw new Error(`${signal_id} ${horizon}: other runs gave grades during all ${MAX_ATTEMPTS} attempts`);
}

/** The last grade of the chain; null while there is none. */
export function gradesHead(db: D1Database): Promise<ChainHead | null> {
  return db.prepare(HEAD).first<ChainHead>();
}

/** Whether the chain holds a grade of this sequence and hash; the place before the first one is always held. */
export async function holdsGrade(db: D1Database, { sequence, hash }: ChainHead): Promise<boolean> {
  if (sequence === GENESIS.sequence) return hash === GENESIS.hash;
  return (await db.prepare("SELECT 1 FROM signal_grades WHERE sequence = ?1 AND hash = ?2").bind(sequence, hash).first()) !== null;
}

/** Grades after a place in the chain, in order. */
export async function gradesAfter(db: D1Database, sequence: number, limit: number): Promise<readonly GradeRecord[]> {
  return (await db.prepare(GRADES_AFTER).bind(sequence, limit).all<GradeRecord>()).results;
}

/** Grades before a place in the chain, newest first. */
export async function gradesBefore(db: D1Database, sequence: number, limit: number): Promise<readonly GradeRecord[]> {
  return (await db.prepare(GRADES_BEFORE).bind(sequence, limit).all<GradeRecord>()).results;
}

/** A given grade that was not published yet. */
export type UnpublishedGrade = GradeRecord & Pick<SignalRecord, "symbol" | "action" | "confidence" | "paper">;

/** The oldest of them. */
export async function unpublishedGrades(db: D1Database, limit: number): Promise<readonly UnpublishedGrade[]> {
  const { results } = await db.prepare(UNPUBLISHED).bind(limit).all<Omit<UnpublishedGrade, "paper"> & { readonly paper: number }>();
  return results.map((row) => ({ ...row, paper: row.paper === 1 }));
}

export async function markPublished(db: D1Database, { signal_id, horizon }: UnpublishedGrade, now: number): Promise<void> {
  await db
    .prepare("UPDATE signal_grades SET published_time = ?3 WHERE signal_id = ?1 AND horizon = ?2")
    .bind(signal_id, horizon, now)
    .run();
}

/** All grades of a decision by horizon, including pending ones. */
export async function gradesOf(db: D1Database, signalId: string): Promise<readonly GradeRow[]> {
  return (await db.prepare(OF_SIGNAL).bind(signalId).all<GradeRow>()).results;
}
