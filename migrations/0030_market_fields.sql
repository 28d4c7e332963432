-- How far the levels of the book go; null in rows of before.
ALTER TABLE liquidations ADD COLUMN depth_reach_bps REAL;

-- What the market of a venue was in a minute beside its spread, volume and funding rate; null in rows of before.
ALTER TABLE minute_marks ADD COLUMN index_price REAL;
ALTER TABLE minute_marks ADD COLUMN open_interest_usd REAL;
ALTER TABLE minute_marks ADD COLUMN funding_interval_hours REAL;
