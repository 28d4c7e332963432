-- How the jobs of the cron ended since the first run, and what they cost in D1. Times and durations in ms.
CREATE TABLE job_runs (
  job TEXT NOT NULL PRIMARY KEY,
  runs INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  total_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  -- The scheduled minute of the last run.
  last_time INTEGER NOT NULL,
  -- NULL until the first run that ended well.
  last_success_time INTEGER,
  -- Of the last run; NULL where it ended well.
  last_error TEXT,
  rows_read INTEGER NOT NULL,
  rows_written INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Parts of the Worker that do not work, beside feeds, which have feed_outages.
CREATE TABLE part_outages (
  part TEXT NOT NULL PRIMARY KEY,
  since INTEGER NOT NULL,
  -- Whether operations.degraded was published.
  announced INTEGER NOT NULL,
  error TEXT
) STRICT, WITHOUT ROWID;

-- What the Worker used of what Cloudflare bills, by UTC date, as it counts itself (src/cloudflare-plan.ts names the items).
CREATE TABLE platform_usage (
  date TEXT NOT NULL,
  item TEXT NOT NULL,
  amount REAL NOT NULL,
  PRIMARY KEY (date, item)
) STRICT, WITHOUT ROWID;
