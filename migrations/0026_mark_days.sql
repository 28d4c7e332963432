-- The UTC days whose minute marks may be here: a day's marks are deleted once its file holds all of them.
CREATE TABLE mark_days (
  day INTEGER NOT NULL PRIMARY KEY,
  -- Raised with each report of marks of the day, in the transaction of the report.
  reports INTEGER NOT NULL DEFAULT 0,
  -- Reports in the published file; null where the day has none yet.
  published_reports INTEGER,
  -- Reports in the file when it was last read back as a whole and was right.
  verified_reports INTEGER
) STRICT, WITHOUT ROWID;

-- The days that have a mark. Each symbol, venue and day is found by a search in the key, so that one row of it is read.
INSERT INTO mark_days (day, reports)
WITH RECURSIVE
  symbols(symbol) AS (
    SELECT min(symbol) FROM minute_marks
    UNION ALL
    SELECT (SELECT min(symbol) FROM minute_marks WHERE symbol > symbols.symbol) FROM symbols WHERE symbol IS NOT NULL
  ),
  series(symbol, exchange) AS (
    SELECT symbol, (SELECT min(exchange) FROM minute_marks AS marks WHERE marks.symbol = symbols.symbol)
    FROM symbols WHERE symbol IS NOT NULL
    UNION ALL
    SELECT symbol,
      (SELECT min(exchange) FROM minute_marks AS marks WHERE marks.symbol = series.symbol AND marks.exchange > series.exchange)
    FROM series WHERE exchange IS NOT NULL
  ),
  days(symbol, exchange, day) AS (
    SELECT symbol, exchange,
      (SELECT min(minute) / 86400000 * 86400000 FROM minute_marks AS marks
       WHERE marks.symbol = series.symbol AND marks.exchange = series.exchange)
    FROM series WHERE exchange IS NOT NULL
    UNION ALL
    SELECT symbol, exchange,
      (SELECT min(minute) / 86400000 * 86400000 FROM minute_marks AS marks
       WHERE marks.symbol = days.symbol AND marks.exchange = days.exchange AND minute >= day + 86400000)
    FROM days WHERE day IS NOT NULL
  )
SELECT DISTINCT day, 1 FROM days WHERE day IS NOT NULL;

-- What the changed file holds: 'liquidations' or 'minute_marks'.
ALTER TABLE dataset_changes ADD COLUMN kind TEXT NOT NULL DEFAULT 'liquidations';
