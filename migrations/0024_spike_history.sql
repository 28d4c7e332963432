-- What later decisions are told of a decided spike: read with every decision, so it is kept apart from the ledger, whose
-- records hold their whole input.
CREATE TABLE spike_history (
  minute INTEGER NOT NULL,
  signal_id TEXT NOT NULL,
  symbol TEXT NOT NULL,
  analyst TEXT NOT NULL,
  action TEXT NOT NULL,
  confidence REAL NOT NULL,
  -- The dominant side, and the shape of the spike as JSON; null where neither side dominated.
  side TEXT,
  shape TEXT,
  PRIMARY KEY (minute, signal_id)
) STRICT, WITHOUT ROWID;
