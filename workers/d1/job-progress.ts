const READ = "SELECT done_time FROM job_progress WHERE job = ?1";

const SAVE = `
  INSERT INTO job_progress (job, done_time) VALUES (?1, ?2)
  ON CONFLICT (job) DO UPDATE SET done_time = max(job_progress.done_time, excluded.done_time)`;

/** Up to which minute or day a job has done its work; null where it never has. */
export function jobProgress(db: D1Database, job: string): Promise<number | null> {
  return db.prepare(READ).bind(job).first<number>("done_time");
}

/** Never goes back: a run that comes late does not undo a later one's. */
export async function saveJobProgress(db: D1Database, job: string, doneTime: number): Promise<void> {
  await db.prepare(SAVE).bind(job, doneTime).run();
}
