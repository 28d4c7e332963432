-- Up to which minute or day a cron job has done its work, ms: what was missed is made up for.
CREATE TABLE job_progress (
  job TEXT NOT NULL PRIMARY KEY,
  done_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
