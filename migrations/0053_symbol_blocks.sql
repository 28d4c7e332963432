-- The totals of one base asset over all venues and sides: a row for the minutes of an hour, one for the hours of a day and one for
-- a day, so that the series of an asset reads few rows however many venues are collected. totals is a JSON list of
-- [minute, hour or day, exchange, position_side, and the columns of the totals].
--
-- Rows written, with the index: two for each base asset an hour, and four a day.
CREATE TABLE symbol_blocks (
  symbol TEXT NOT NULL,
  -- 60000 for minutes, 3600000 for hours, 86400000 for a day.
  step_ms INTEGER NOT NULL,
  -- Start of the hour, or of the day.
  time INTEGER NOT NULL,
  totals TEXT NOT NULL,
  PRIMARY KEY (symbol, step_ms, time)
) STRICT, WITHOUT ROWID;
-- What is older than its retention.
CREATE INDEX symbol_blocks_by_time ON symbol_blocks (step_ms, time);

-- Hours and days that were computed since their blocks were written. Triggers keep these lists, so that they are right as well
-- where a Worker of before this migration computed the hour.
CREATE TABLE hours_without_blocks (
  hour INTEGER NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TABLE days_without_blocks (
  day INTEGER NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TRIGGER hour_computed AFTER DELETE ON dirty_hours
BEGIN
  INSERT OR IGNORE INTO hours_without_blocks VALUES (old.hour);
END;
CREATE TRIGGER day_computed AFTER DELETE ON dirty_days
BEGIN
  INSERT OR IGNORE INTO days_without_blocks VALUES (old.day);
END;

-- One search for each hour and each day that has totals.
INSERT INTO hours_without_blocks
WITH RECURSIVE firsts (time) AS (
  SELECT min(time) FROM total_blocks WHERE step_ms = 60000
  UNION ALL
  SELECT (SELECT min(later.time) FROM total_blocks AS later WHERE later.step_ms = 60000 AND later.time >= firsts.time - firsts.time % 3600000 + 3600000)
  FROM firsts WHERE firsts.time IS NOT NULL
)
SELECT time - time % 3600000 FROM firsts WHERE time IS NOT NULL;
INSERT INTO days_without_blocks
WITH RECURSIVE firsts (time) AS (
  SELECT min(time) FROM total_blocks WHERE step_ms = 3600000
  UNION ALL
  SELECT (SELECT min(later.time) FROM total_blocks AS later WHERE later.step_ms = 3600000 AND later.time >= firsts.time - firsts.time % 86400000 + 86400000)
  FROM firsts WHERE firsts.time IS NOT NULL
)
SELECT time - time % 86400000 FROM firsts WHERE time IS NOT NULL;
