-- Daily files that were made, or made again with other contents, in the order in which it happened.
CREATE TABLE dataset_changes (
  sequence INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  date TEXT NOT NULL,
  changed_time INTEGER NOT NULL,
  -- Null for the first file of a day.
  old_sha256 TEXT,
  new_sha256 TEXT NOT NULL,
  rows INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  -- A publication that was interrupted and is repeated is one change.
  UNIQUE (date, changed_time, new_sha256)
) STRICT;
