-- What few venues tell of the liquidated position, and whether the time is the venue's own; null in rows of before.
ALTER TABLE liquidations ADD COLUMN time_kind TEXT;
ALTER TABLE liquidations ADD COLUMN venue_entry_price REAL;
ALTER TABLE liquidations ADD COLUMN venue_leverage REAL;
ALTER TABLE liquidations ADD COLUMN venue_position_quantity REAL;
