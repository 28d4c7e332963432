import type { Config } from "../../src/config.ts";
import type { DeadLetter } from "../../src/dead-letters.ts";
import type { GradeRecord } from "../../src/grades/grade-ledger.ts";
import { SupabaseError, describeProblem } from "./problem.ts";
import { type UpsertTarget, upsertRows } from "./upsert.ts";

const GRADES: UpsertTarget = { table: "liquidation_signal_grades", key: "sequence", keepStored: true };

/**
 * Adds grades of the chain; existing ones stay unchanged.
 * @returns the grades that Supabase refuses for good
 * @throws {SupabaseOffError} where Supabase is not configured
 * @throws {SupabaseError} where the request fails
 */
export async function writeGrades(config: Config, records: readonly GradeRecord[], timeoutMs?: number): Promise<readonly DeadLetter[]> {
  const rows = records.map((record) => ({
    ...record,
    due_time: isoTime(record.due_time),
    graded_time: isoTime(record.graded_time),
    entry_time: isoTime(record.entry_time),
    exit_time: isoTime(record.exit_time),
  }));
  const { problem, refused } = await upsertRows(config, GRADES, rows, timeoutMs);
  if (problem !== null) throw new SupabaseError(problem, GRADES.table);
  return refused.map((one) => ({ record: String(one.row["sequence"]), reason: describeProblem(one.problem, GRADES.table) }));
}

function isoTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
