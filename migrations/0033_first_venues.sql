-- The first venue of a cascade is null where it is not known, and has the probability with which it is. SQLite drops a NOT
-- NULL only with a new table; cascades are tens a day, so that years of them are copied in a moment.
CREATE TABLE cascades_with_first_venue (
  cascade_id TEXT NOT NULL PRIMARY KEY,
  symbol TEXT NOT NULL,
  position_side TEXT NOT NULL CHECK (position_side IN ('long', 'short')),
  state TEXT NOT NULL CHECK (state IN ('building', 'active', 'cooling', 'ended')),
  start_time INTEGER NOT NULL,
  peak_time INTEGER NOT NULL,
  end_time INTEGER,
  events INTEGER NOT NULL,
  usd REAL NOT NULL,
  peak_usd_per_s REAL NOT NULL,
  peak_5s_usd REAL,
  first_exchange TEXT,
  -- Null in records of before this column.
  first_exchange_probability REAL,
  exchanges TEXT NOT NULL,
  start_mark REAL,
  extreme_mark REAL,
  move_bps REAL,
  severity INTEGER NOT NULL,
  market_wide INTEGER NOT NULL,
  gaps TEXT NOT NULL,
  constants TEXT NOT NULL,
  updated_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO cascades_with_first_venue (cascade_id, symbol, position_side, state, start_time, peak_time, end_time, events, usd,
  peak_usd_per_s, peak_5s_usd, first_exchange, exchanges, start_mark, extreme_mark, move_bps, severity, market_wide, gaps,
  constants, updated_time)
SELECT cascade_id, symbol, position_side, state, start_time, peak_time, end_time, events, usd,
  peak_usd_per_s, peak_5s_usd, first_exchange, exchanges, start_mark, extreme_mark, move_bps, severity, market_wide, gaps,
  constants, updated_time
FROM cascades;

DROP TABLE cascades;
ALTER TABLE cascades_with_first_venue RENAME TO cascades;
CREATE INDEX cascades_by_start ON cascades (start_time, cascade_id);
CREATE INDEX cascades_by_symbol ON cascades (symbol, start_time);
CREATE INDEX cascades_by_usd ON cascades (usd);
