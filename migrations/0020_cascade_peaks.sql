-- The most USD in any five seconds of a cascade; null in records of before this column.
ALTER TABLE cascades ADD COLUMN peak_5s_usd REAL;
