-- Grades over one venue's marks, with their cost in parts, the rule model beside the analyst, and a chain like that of
-- decisions. Grades that were given before keep what they have: they are of version 1 and in no chain.
ALTER TABLE signal_grades ADD COLUMN version INTEGER;
ALTER TABLE signal_grades ADD COLUMN exchange TEXT;
ALTER TABLE signal_grades ADD COLUMN samples INTEGER;
ALTER TABLE signal_grades ADD COLUMN fee_bps REAL;
ALTER TABLE signal_grades ADD COLUMN spread_bps REAL;
ALTER TABLE signal_grades ADD COLUMN impact_10k_bps REAL;
ALTER TABLE signal_grades ADD COLUMN impact_100k_bps REAL;
ALTER TABLE signal_grades ADD COLUMN impact_1m_bps REAL;
ALTER TABLE signal_grades ADD COLUMN cost_bps REAL;
ALTER TABLE signal_grades ADD COLUMN funding_bps REAL;
ALTER TABLE signal_grades ADD COLUMN rule_net_return_bps REAL;
ALTER TABLE signal_grades ADD COLUMN random_hit_rate REAL;
ALTER TABLE signal_grades ADD COLUMN random_draws INTEGER;
ALTER TABLE signal_grades ADD COLUMN signal_hash TEXT;
ALTER TABLE signal_grades ADD COLUMN sequence INTEGER;
ALTER TABLE signal_grades ADD COLUMN previous_hash TEXT;
ALTER TABLE signal_grades ADD COLUMN hash TEXT;
-- When nothing was left to publish of it.
ALTER TABLE signal_grades ADD COLUMN published_time INTEGER;

UPDATE signal_grades SET version = 1, published_time = graded_time WHERE graded_time IS NOT NULL;

-- One grade per place and per previous hash, so that the chain cannot fork.
CREATE UNIQUE INDEX signal_grades_by_sequence ON signal_grades (sequence) WHERE sequence IS NOT NULL;
CREATE UNIQUE INDEX signal_grades_by_previous_hash ON signal_grades (previous_hash) WHERE previous_hash IS NOT NULL;
CREATE INDEX signal_grades_unpublished ON signal_grades (graded_time) WHERE published_time IS NULL AND graded_time IS NOT NULL;

-- The last grade of the chain, in the same anchor as the last decision; null in anchors from before grades were chained.
ALTER TABLE ledger_anchors ADD COLUMN grades_sequence INTEGER;
ALTER TABLE ledger_anchors ADD COLUMN grades_hash TEXT;

-- The marks of each venue by hour, from which trades at random times are drawn: opens is a JSON object of the open of each
-- minute that is a multiple of five, by its number from 0 to 11. Minute marks are kept for days, these for a year.
CREATE TABLE hour_marks (
  hour INTEGER NOT NULL,
  symbol TEXT NOT NULL,
  exchange TEXT NOT NULL,
  opens TEXT NOT NULL,
  -- Standard deviation of a minute's return; null under 30 returns.
  volatility REAL,
  PRIMARY KEY (hour, symbol, exchange)
) STRICT, WITHOUT ROWID;
