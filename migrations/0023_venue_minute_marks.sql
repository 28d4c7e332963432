-- One row for each venue that reported a minute, so that a grade can follow the path of one venue. The key begins with
-- the symbol and the venue: every reader wants a stretch of minutes of one symbol, mostly of one venue.
CREATE TABLE venue_minute_marks (
  symbol TEXT NOT NULL,
  exchange TEXT NOT NULL,
  minute INTEGER NOT NULL,
  open REAL NOT NULL,
  high REAL NOT NULL,
  low REAL NOT NULL,
  close REAL NOT NULL,
  samples INTEGER NOT NULL,
  -- Mean relative spread of the minute.
  spread_bps REAL,
  -- Traded USD of the contract in the minute.
  volume_usd REAL,
  -- The last rate known in the minute.
  funding_rate REAL,
  PRIMARY KEY (symbol, exchange, minute)
) STRICT, WITHOUT ROWID;

-- Of the last 26 hours: the longest path of a pending grade, the hour before its entry, and the wait for its marks. Older
-- ones serve nothing that a decision still waits for, and with all symbols they would take longer than D1 allows a batch.
INSERT INTO venue_minute_marks (symbol, exchange, minute, open, high, low, close, samples)
SELECT symbol, exchange, minute, open, high, low, close, samples FROM minute_marks
WHERE minute > (SELECT max(minute) FROM minute_marks) - 26 * 3600000;

DROP TABLE minute_marks;
ALTER TABLE venue_minute_marks RENAME TO minute_marks;
