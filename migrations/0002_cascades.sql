-- Cascades as the hub saw them: one row each, replaced as the cascade goes on. Times in ms of event time.
CREATE TABLE cascades (
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
  first_exchange TEXT NOT NULL,
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

CREATE INDEX cascades_by_start ON cascades (start_time, cascade_id);
CREATE INDEX cascades_by_symbol ON cascades (symbol, start_time);
