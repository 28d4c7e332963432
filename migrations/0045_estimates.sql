-- Estimated totals, one row for each step of 60000, 3600000 or 86400000 ms in which a venue reported something. estimates is a JSON
-- object: by base asset, and under "" over all of them, a list of [exchange, position_side, reported_usd, estimated_usd, low_usd,
-- high_usd, reported_events, estimated_events, method, status, reason]. It is NULL where the step could not be estimated at all.
--
-- Rows written: a row a minute, 25 more a day for hours and the day, and those of one day again.
CREATE TABLE estimate_blocks (
  step_ms INTEGER NOT NULL,
  time INTEGER NOT NULL,
  estimates TEXT,
  PRIMARY KEY (step_ms, time)
) STRICT, WITHOUT ROWID;

-- The parameters of the model, as fitted last: a row for each base asset with enough events, and "" for the others. fit is JSON and
-- hash its SHA-256. Times in ms.
CREATE TABLE estimate_fits (
  symbol TEXT NOT NULL PRIMARY KEY,
  fitted_time INTEGER NOT NULL,
  hash TEXT NOT NULL,
  fit TEXT NOT NULL
) STRICT, WITHOUT ROWID;
