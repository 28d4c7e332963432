import { HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { jobProgress, saveJobProgress } from "../d1/job-progress.ts";
import { writeHourMarks } from "../signals/hour-mark-rows.ts";

/** The progress is the last hour that was summarised. */
const JOB = "hour_marks";
/** Minute marks of an hour are stored this long after it ends; those that come later are left out. */
const MARKS_STORED_MS = 5 * MINUTE_MS;
/** Hours per run, where hours were missed. */
const MAX_HOURS = 6;
/** The reach of a first run: minute marks are kept for a day longer. */
const MAX_MISSED_HOURS = 7 * 24;

export interface HourMarksRecord {
  readonly hours: number;
  readonly rows: number;
}

/** Summarises the minute marks of each hour that ended, from which trades at random times are drawn. */
export async function hourMarks(db: D1Database, scheduledTime: number): Promise<HourMarksRecord> {
  const last = floorTo(scheduledTime - MARKS_STORED_MS, HOUR_MS) - HOUR_MS;
  const done = (await jobProgress(db, JOB)) ?? 0;
  const first = Math.max(done + HOUR_MS, last - (MAX_MISSED_HOURS - 1) * HOUR_MS);
  let hours = 0;
  let rows = 0;
  for (let hour = first; hour <= last && hours < MAX_HOURS; hour += HOUR_MS) {
    rows += await writeHourMarks(db, hour);
    await saveJobProgress(db, JOB, hour);
    hours += 1;
  }
  return { hours, rows };
}
