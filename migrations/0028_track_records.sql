-- How far the record of an analyst, model and prompt is settled: its state in JSON, and the last decision that it counts.
-- A cache: everything in it follows from the ledger and the grades.
CREATE TABLE track_records (
  name TEXT NOT NULL PRIMARY KEY,
  sequence INTEGER NOT NULL,
  state TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The decisions of a record in order.
CREATE INDEX signals_by_record ON signals (analyst, model, prompt_version, sequence);
