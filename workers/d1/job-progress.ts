const READ = "SELECT done_time FROM job_progress WHERE job = ?1";

const SAVE = `
  INSERT INTO job_progress (job, done_time) VALUES (?1, ?2)
  ON CONFLICT (job) DO UPDATE SET done_time = max(job_progress.done_time, excluded.done_time)`;

/** The minute or day up to which a job has done its work; null before its first run. */
export function jobProgress(db: D1Database, job: string): Promise<number | null> {
  return db.prepare(READ).bind(job).first<number>("done_time");
}

/** Never goes back: a late run does not undo a later one. */
export async function saveJobProgress(db: D1Database, job: string, doneTime: number): Promise<void> {
  await db.prepare(SAVE).bind(job, doneTime).run();
}
