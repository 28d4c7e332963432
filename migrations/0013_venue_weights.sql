-- The USD of each venue by quarter-hour over all base assets, a JSON array a day: coverage weighs venues by it.
CREATE TABLE quarter_venues (
  exchange TEXT NOT NULL,
  day INTEGER NOT NULL,
  usd TEXT NOT NULL,
  PRIMARY KEY (exchange, day)
) WITHOUT ROWID;

-- Whether rises count: one row, of the latest change.
CREATE TABLE spike_rule_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  state TEXT NOT NULL,
  since INTEGER NOT NULL,
  compared_share REAL NOT NULL,
  missing_exchanges TEXT NOT NULL
);
