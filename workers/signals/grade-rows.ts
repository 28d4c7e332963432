import { GIVEN_COLUMNS, type GivenGrade, type GradeRow, type Horizon } from "../../src/signals/grade.ts";
import type { GradedDecision } from "../../src/signals/scoreboard.ts";
import type { Action, Analyst } from "../../src/signals/verdict.ts";

/** The data that one grade is computed from. */
export interface DueGrade {
  readonly signal_id: string;
  readonly horizon: Horizon;
  readonly due_time: number;
  readonly created_time: number;
  readonly symbol: string;
  readonly action: Action;
  readonly hash: string;
  readonly statistics: string;
}

const DUE = `
  SELECT grades.signal_id, horizon, due_time, created_time, symbol, action, hash, statistics
  FROM signal_grades AS grades CROSS JOIN signals
  WHERE graded_time IS NULL AND due_time <= ?1 AND signals.signal_id = grades.signal_id
  ORDER BY due_time, grades.signal_id LIMIT ?2`;
const GIVE = `
  UPDATE signal_grades SET ${GIVEN_COLUMNS.map((name, index) => `${name} = ?${index + 3}`).join(", ")}
  WHERE signal_id = ?1 AND horizon = ?2 AND graded_time IS NULL`;
const OF_SIGNAL = "SELECT * FROM signal_grades WHERE signal_id = ?1 ORDER BY due_time";

/** Grades of the newest decisions; ?1 the symbol or null, ?2 the analyst or null, ?3 the number of decisions. */
const SCORED = `
  WITH newest AS MATERIALIZED (
    SELECT signal_id, action, confidence, calibrated_probability FROM signals
    WHERE (?1 IS NULL OR symbol = ?1) AND (?2 IS NULL OR analyst = ?2) ORDER BY sequence DESC LIMIT ?3
  )
  SELECT horizon, action, confidence, calibrated_probability, net_return_bps, random_net_return_bps,
    fade_net_return_bps, follow_net_return_bps
  FROM newest CROSS JOIN signal_grades AS grades
  WHERE grades.signal_id = newest.signal_id AND graded_time IS NOT NULL AND problem IS NULL`;

/** The due grades, oldest first. */
export async function dueGrades(db: D1Database, now: number, limit: number): Promise<readonly DueGrade[]> {
  return (await db.prepare(DUE).bind(now, limit).all<DueGrade>()).results;
}

/** Stores a grade once: an existing grade stays. */
export async function giveGrade(db: D1Database, { signal_id, horizon }: DueGrade, given: GivenGrade): Promise<void> {
  await db
    .prepare(GIVE)
    .bind(signal_id, horizon, ...GIVEN_COLUMNS.map((name) => given[name]))
    .run();
}

/** All grades of a decision by horizon, including pending ones. */
export async function gradesOf(db: D1Database, signalId: string): Promise<readonly GradeRow[]> {
  return (await db.prepare(OF_SIGNAL).bind(signalId).all<GradeRow>()).results;
}

/** The outcomes of the newest decisions over all horizons. */
export async function scoredDecisions(
  db: D1Database,
  filter: { readonly symbol: string | null; readonly analyst: Analyst | null },
  decisions: number,
): Promise<readonly GradedDecision[]> {
  return (await db.prepare(SCORED).bind(filter.symbol, filter.analyst, decisions).all<GradedDecision>()).results;
}
