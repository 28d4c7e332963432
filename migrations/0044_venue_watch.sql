-- The page on which a venue announces changes of its API, as it was read last. Times in ms.
CREATE TABLE venue_pages (
  venue TEXT NOT NULL PRIMARY KEY,
  -- A page under another address is a new one.
  url TEXT NOT NULL,
  attempted_time INTEGER NOT NULL,
  -- The last time it was read; NULL, like hash and text, while it never was.
  checked_time INTEGER,
  hash TEXT,
  -- Of the newest change; NULL while there was none. `added` is a JSON array of lines.
  changed_time INTEGER,
  added TEXT,
  added_lines INTEGER,
  removed_lines INTEGER,
  -- JSON array of {changed_time, text} of the changes before the newest, newest first.
  earlier TEXT NOT NULL DEFAULT '[]',
  -- NULL where the last attempt succeeded.
  error TEXT,
  failing_since INTEGER,
  -- Of a reading that lost most lines, and since when every reading is the same; NULL where there is none.
  doubted_hash TEXT,
  doubted_since INTEGER,
  -- What the next reading is compared with. Last, so that reading the others does not read it.
  text TEXT
) STRICT, WITHOUT ROWID;

-- Venues without a feed, and what they answered when they were asked for one.
CREATE TABLE venue_probes (
  venue TEXT NOT NULL PRIMARY KEY,
  attempted_time INTEGER NOT NULL,
  -- The last time they answered; NULL while they never did.
  probed_time INTEGER,
  -- JSON array of the accepted topics.
  accepted TEXT NOT NULL,
  refused INTEGER NOT NULL,
  unanswered INTEGER NOT NULL,
  -- When the first topic was accepted; NULL while none was.
  found_time INTEGER,
  error TEXT,
  failing_since INTEGER
) STRICT, WITHOUT ROWID;
