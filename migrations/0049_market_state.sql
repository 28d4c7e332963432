-- A UTC day of a base asset in steps of 5 minutes, as JSON: USD of the liquidations of each side, and the market of its venues.
-- Correlations over 14 days are computed from these rows, because minutes are kept for 8. series is null where the day has no mark.
CREATE TABLE market_days (
  symbol TEXT NOT NULL,
  day INTEGER NOT NULL,
  series TEXT,
  PRIMARY KEY (symbol, day)
) STRICT, WITHOUT ROWID;

-- The correlations of a base asset over the days that end with this one, as JSON.
CREATE TABLE market_correlations (
  symbol TEXT NOT NULL,
  day INTEGER NOT NULL,
  from_time INTEGER NOT NULL,
  computed_time INTEGER NOT NULL,
  correlations TEXT NOT NULL,
  PRIMARY KEY (symbol, day)
) STRICT, WITHOUT ROWID;
