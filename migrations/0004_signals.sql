-- What turns totals into signals. Times are integer milliseconds since 1970 UTC.

-- USD by quarter of an hour, the history that windows are ranked against: a JSON array of the day's quarters, so that
-- nine days of a symbol are nine rows to read. A symbol without a row for a day had none.
CREATE TABLE quarter_totals (
  symbol TEXT NOT NULL,
  day INTEGER NOT NULL,
  long_usd TEXT NOT NULL,
  short_usd TEXT NOT NULL,
  PRIMARY KEY (symbol, day)
) STRICT, WITHOUT ROWID;

-- Share of the venues' time that was heard, the same way. Its last entry is the last quarter computed.
CREATE TABLE quarter_heard (
  day INTEGER NOT NULL PRIMARY KEY,
  heard TEXT NOT NULL
) STRICT;

-- Spikes that passed the cool-down, each to be decided once.
CREATE TABLE spikes (
  signal_id TEXT NOT NULL PRIMARY KEY,
  minute INTEGER NOT NULL,
  symbol TEXT NOT NULL,
  "window" TEXT NOT NULL,
  severity_usd REAL NOT NULL,
  -- The input of the decision, canonical JSON; cleared once the ledger has it.
  statistics TEXT,
  -- When a run took the decision on itself; nobody takes it again.
  taken_time INTEGER,
  -- When the decision was in the ledger and published.
  closed_time INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX spikes_by_symbol ON spikes (symbol, minute);
CREATE INDEX spikes_open ON spikes (minute) WHERE closed_time IS NULL;

-- The ledger. Each record's hash covers the one before; one record per previous hash, so that it cannot fork.
CREATE TABLE signals (
  sequence INTEGER NOT NULL PRIMARY KEY,
  signal_id TEXT NOT NULL UNIQUE,
  created_time INTEGER NOT NULL,
  minute INTEGER NOT NULL,
  symbol TEXT NOT NULL,
  "window" TEXT NOT NULL,
  action TEXT NOT NULL,
  confidence REAL NOT NULL,
  calibrated_probability REAL,
  paper INTEGER NOT NULL,
  reason TEXT NOT NULL,
  reason_code TEXT,
  invalidation TEXT,
  long_change_pct REAL,
  short_change_pct REAL,
  statistics TEXT NOT NULL,
  analyst TEXT NOT NULL,
  model TEXT,
  prompt_version TEXT,
  rule_action TEXT NOT NULL,
  input_hash TEXT NOT NULL,
  previous_hash TEXT NOT NULL UNIQUE,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX signals_by_symbol ON signals (symbol, sequence);

-- One row per decision and horizon, made with the decision and filled in when the time has come.
CREATE TABLE signal_grades (
  signal_id TEXT NOT NULL,
  horizon TEXT NOT NULL,
  due_time INTEGER NOT NULL,
  graded_time INTEGER,
  -- Why it could not be graded, where it could not.
  problem TEXT,
  entry_time INTEGER,
  entry_price REAL,
  exit_time INTEGER,
  exit_price REAL,
  forward_return_bps REAL,
  best_excursion_bps REAL,
  worst_excursion_bps REAL,
  net_return_bps REAL,
  random_net_return_bps REAL,
  fade_net_return_bps REAL,
  follow_net_return_bps REAL,
  PRIMARY KEY (signal_id, horizon)
) STRICT, WITHOUT ROWID;
CREATE INDEX signal_grades_due ON signal_grades (due_time) WHERE graded_time IS NULL;

-- Tokens of the model, spent or set aside, by UTC day.
CREATE TABLE model_tokens (
  day INTEGER NOT NULL PRIMARY KEY,
  tokens INTEGER NOT NULL
) STRICT;
