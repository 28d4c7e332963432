-- Whether a venue's silence is explained by the others. Times in ms.

-- One row: what each minute leaves to the next, as JSON.
CREATE TABLE silence_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  time INTEGER NOT NULL,
  state TEXT NOT NULL
) STRICT;

-- Of each hour that is over, a JSON list of {minute, move_bps, counts by venue}: what the models are fitted on.
CREATE TABLE silence_hours (
  hour INTEGER NOT NULL PRIMARY KEY,
  minutes TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- How each venue is silent beside the others, as JSON, fitted once a day.
CREATE TABLE silence_models (
  exchange TEXT NOT NULL PRIMARY KEY,
  fitted_time INTEGER NOT NULL,
  fitted TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What an aggregator reports for a venue on a UTC day, beside our own: a JSON list of 24 {theirs, ours, covered}, the first two as
-- [long_usd, short_usd], null where it reported nothing.
CREATE TABLE aggregator_days (
  exchange TEXT NOT NULL,
  day INTEGER NOT NULL,
  hours TEXT NOT NULL,
  PRIMARY KEY (day, exchange)
) STRICT, WITHOUT ROWID;

-- One row, as JSON: the markets of the aggregator that are compared, and how its requests went.
CREATE TABLE aggregator_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  state TEXT NOT NULL
) STRICT;
