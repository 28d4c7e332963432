-- Records that a queue gave up on, so that they hold up none behind them: one row per queue, with the newest of them.
-- The log has each one, under the event dead_letter.
CREATE TABLE dead_letters (
  queue TEXT NOT NULL PRIMARY KEY,
  records INTEGER NOT NULL,
  newest_time INTEGER NOT NULL,
  newest_record TEXT NOT NULL,
  newest_reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
