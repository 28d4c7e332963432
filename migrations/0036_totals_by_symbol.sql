-- Totals in the order of the base asset, so that the series and the windows of one read its own rows and no others; and the
-- totals of all base assets of a venue in one row for each minute, hour and day, so that rankings and sums over all of them read
-- as many rows whether there are three or a thousand.
--
-- Rows written: a batch writes one block for each minute it touches, about 0.3 for each liquidation at 200,000 a day and never
-- more than one. Rows of hours are one row instead of two, as their second index is gone. Days add a row for each base asset, venue
-- and side a day.
--
-- What it copies is what `npm run deploy` has not copied before, in bounded pieces and with the very statements below
-- (scripts/deploy/copy-totals.ts): the hours and minutes that the code of before may still change. Without those pieces, as with
-- wrangler alone, it copies everything at once.

-- One row: which minutes and hours the copies below take, from a time and before another, ms.
CREATE TABLE IF NOT EXISTS totals_to_copy (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  minutes_from INTEGER NOT NULL,
  minutes_to INTEGER NOT NULL,
  hours_from INTEGER NOT NULL,
  hours_to INTEGER NOT NULL
) STRICT;
INSERT INTO totals_to_copy VALUES (1, 0, 9007199254740991, 0, 9007199254740991) ON CONFLICT (id) DO NOTHING;

CREATE TABLE IF NOT EXISTS symbol_minutes (
  minute INTEGER NOT NULL,
  symbol TEXT NOT NULL,
  exchange TEXT NOT NULL,
  position_side TEXT NOT NULL,
  events INTEGER NOT NULL,
  events_without_usd INTEGER NOT NULL,
  events_without_notional_mark INTEGER NOT NULL,
  usd REAL,
  notional_mark_usd REAL,
  quantity REAL,
  max_usd REAL,
  PRIMARY KEY (symbol, minute, exchange, position_side)
) STRICT, WITHOUT ROWID;
INSERT OR REPLACE INTO symbol_minutes
SELECT totals.* FROM totals_to_copy CROSS JOIN minute_totals AS totals
WHERE minute >= minutes_from AND minute < minutes_to ORDER BY symbol, minute, exchange, position_side;

CREATE TABLE IF NOT EXISTS symbol_hours (
  hour INTEGER NOT NULL,
  symbol TEXT NOT NULL,
  exchange TEXT NOT NULL,
  position_side TEXT NOT NULL,
  events INTEGER NOT NULL,
  events_without_usd INTEGER NOT NULL,
  events_without_notional_mark INTEGER NOT NULL,
  usd REAL,
  notional_mark_usd REAL,
  quantity REAL,
  max_usd REAL,
  PRIMARY KEY (symbol, hour, exchange, position_side)
) STRICT, WITHOUT ROWID;
INSERT OR REPLACE INTO symbol_hours
SELECT totals.* FROM totals_to_copy CROSS JOIN hour_totals AS totals
WHERE hour >= hours_from AND hour < hours_to ORDER BY symbol, hour, exchange, position_side;

CREATE TABLE IF NOT EXISTS day_totals (
  day INTEGER NOT NULL,
  symbol TEXT NOT NULL,
  exchange TEXT NOT NULL,
  position_side TEXT NOT NULL,
  events INTEGER NOT NULL,
  events_without_usd INTEGER NOT NULL,
  events_without_notional_mark INTEGER NOT NULL,
  usd REAL,
  notional_mark_usd REAL,
  quantity REAL,
  max_usd REAL,
  PRIMARY KEY (symbol, day, exchange, position_side)
) STRICT, WITHOUT ROWID;

-- Days whose hours changed since day_totals was last computed. A day that is not here and has no dirty hour agrees with them.
CREATE TABLE IF NOT EXISTS dirty_days (
  day INTEGER NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
-- One search for each day, not a reading of all hours.
INSERT OR IGNORE INTO dirty_days
WITH RECURSIVE firsts (hour) AS (
  SELECT min(hour) FROM hour_totals
  UNION ALL
  SELECT (SELECT min(later.hour) FROM hour_totals AS later WHERE later.hour >= firsts.hour - firsts.hour % 86400000 + 86400000)
  FROM firsts WHERE firsts.hour IS NOT NULL
)
SELECT hour - hour % 86400000 FROM firsts WHERE hour IS NOT NULL;

-- One row for each step of 60000, 3600000 or 86400000 ms and venue. totals is a JSON list of [symbol, position_side, and the
-- columns of the totals]. bursts, of minutes and hours as long as their events are kept, is a list of [symbol, position_side,
-- minute, numbers of events by concurrent venues from 1 on, first and last event of every ten seconds in ms of the minute].
CREATE TABLE IF NOT EXISTS total_blocks (
  step_ms INTEGER NOT NULL,
  time INTEGER NOT NULL,
  exchange TEXT NOT NULL,
  totals TEXT NOT NULL,
  bursts TEXT,
  PRIMARY KEY (step_ms, time, exchange)
) STRICT, WITHOUT ROWID;
INSERT OR REPLACE INTO total_blocks
SELECT 60000, minute, exchange, json_group_array(json_array(symbol, position_side, events, events_without_usd,
  events_without_notional_mark, usd, notional_mark_usd, quantity, max_usd)), NULL
FROM totals_to_copy CROSS JOIN minute_totals
WHERE minute >= minutes_from AND minute < minutes_to GROUP BY minute, exchange;
INSERT OR REPLACE INTO total_blocks
SELECT 3600000, hour, exchange, json_group_array(json_array(symbol, position_side, events, events_without_usd,
  events_without_notional_mark, usd, notional_mark_usd, quantity, max_usd)), NULL
FROM totals_to_copy CROSS JOIN hour_totals
WHERE hour >= hours_from AND hour < hours_to GROUP BY hour, exchange;

-- Decisions that are graded over every horizon, a hundred a row with their outcomes as JSON: a cache of the ledger.
CREATE TABLE IF NOT EXISTS scored_blocks (
  last_sequence INTEGER NOT NULL PRIMARY KEY,
  decisions TEXT NOT NULL
) STRICT;

DROP TABLE minute_totals;
ALTER TABLE symbol_minutes RENAME TO minute_totals;
DROP TABLE hour_totals;
ALTER TABLE symbol_hours RENAME TO hour_totals;

DROP TRIGGER IF EXISTS totals_reopened;
DROP TABLE totals_to_copy;
