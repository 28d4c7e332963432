-- Stores that are filled again from batches and daily files, after they were restored to an earlier time. Times in ms.

CREATE TABLE store_refills (
  store TEXT NOT NULL PRIMARY KEY,
  -- Event times from start_time to end_time are written again; everything before done_until is.
  start_time INTEGER NOT NULL,
  end_time INTEGER NOT NULL,
  done_until INTEGER NOT NULL,
  rows INTEGER NOT NULL DEFAULT 0,
  refused INTEGER NOT NULL DEFAULT 0,
  created_time INTEGER NOT NULL,
  finished_time INTEGER,
  error TEXT
) STRICT, WITHOUT ROWID;
