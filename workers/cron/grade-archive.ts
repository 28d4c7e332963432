import type { Config } from "../../src/config.ts";
import { addDeadLetters } from "../d1/dead-letters.ts";
import { jobProgress, saveJobProgress } from "../d1/job-progress.ts";
import { gradesAfter } from "../signals/grade-rows.ts";
import { SupabaseOffError, missingVariables } from "../supabase/connection.ts";
import { writeGrades } from "../supabase/write-grades.ts";

/** The progress is the sequence number of the last grade in the archive. */
const JOB = "grade_archive";
/** A grade takes about 1 kB, and each decision has five. */
const MAX_RECORDS = 250;
const TIMEOUT_MS = 5_000;

export type GradeArchiveRecord = { readonly off: string } | { readonly grades: number; readonly refused: number; readonly more: boolean };

/**
 * Copies new grades to the archive, in the order of their chain. The next run catches up after a failed one; a grade that
 * the archive refuses is given up with the reason, and those after it are copied.
 */
export async function gradeArchive(db: D1Database, config: Config, now: number): Promise<GradeArchiveRecord> {
  const missing = missingVariables(config);
  if (missing.length > 0) return { off: new SupabaseOffError(missing).message };
  const records = await gradesAfter(db, (await jobProgress(db, JOB)) ?? 0, MAX_RECORDS);
  const last = records.at(-1);
  if (last === undefined) return { grades: 0, refused: 0, more: false };
  const refused = await writeGrades(config, records, TIMEOUT_MS);
  await addDeadLetters(db, JOB, refused, now);
  await saveJobProgress(db, JOB, last.sequence);
  return { grades: records.length - refused.length, refused: refused.length, more: records.length === MAX_RECORDS };
}
