import type { Config } from "../../src/config.ts";
import { jobProgress, saveJobProgress } from "../d1/job-progress.ts";
import { addDeadLetters } from "../d1/dead-letters.ts";
import { recordsAfter } from "../signals/ledger-rows.ts";
import { missingVariables, SupabaseOffError } from "../supabase/connection.ts";
import { writeSignals } from "../supabase/write-signals.ts";

/** The progress is the sequence number of the last record in the archive. */
const JOB = "signal_archive";
/** An input takes about 10 kB, so a run sends half a megabyte, and a backlog of a day is gone within the hour. */
const MAX_RECORDS = 50;
const TIMEOUT_MS = 5_000;

export type SignalArchiveRecord = { readonly off: string } | { readonly records: number; readonly refused: number; readonly more: boolean };

/**
 * Copies new records of the ledger to the archive, in order. The next run catches up after a failed one; a record that
 * the archive refuses is given up with the reason, and those after it are copied.
 */
export async function signalArchive(db: D1Database, config: Config, now: number): Promise<SignalArchiveRecord> {
  const missing = missingVariables(config);
  if (missing.length > 0) return { off: new SupabaseOffError(missing).message };
  const records = await recordsAfter(db, (await jobProgress(db, JOB)) ?? 0, MAX_RECORDS);
  const last = records.at(-1);
  if (last === undefined) return { records: 0, refused: 0, more: false };
  const refused = await writeSignals(config, records, TIMEOUT_MS);
  await addDeadLetters(db, JOB, refused, now);
  await saveJobProgress(db, JOB, last.sequence);
  return { records: records.length - refused.length, refused: refused.length, more: records.length === MAX_RECORDS };
}
