import { GIVEN_COLUMNS } from "../../src/grades/grade.ts";
import type { GradeRecord } from "../../src/grades/grade-ledger.ts";

/** The columns that a grade is given with, and those of its place in the chain. */
export const SEALED_COLUMNS = [...GIVEN_COLUMNS, "signal_hash", "sequence", "previous_hash", "hash"] as const;

/** All fields of a grade, which its hash covers. */
export const GRADE_COLUMNS = ["signal_id", "horizon", "due_time", ...SEALED_COLUMNS] as const satisfies readonly (keyof GradeRecord)[];
export const GRADE_COLUMN_LIST = GRADE_COLUMNS.join(", ");

/** ?1 the sequence number to start after, ?2 the limit. */
export const GRADES_AFTER = `SELECT ${GRADE_COLUMN_LIST} FROM signal_grades WHERE sequence > ?1 ORDER BY sequence LIMIT ?2`;
