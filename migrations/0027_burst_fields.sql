-- Fields of schema version 2; null in rows of before.
ALTER TABLE liquidations ADD COLUMN branching_ratio_se REAL;
ALTER TABLE liquidations ADD COLUMN burst_age_ms INTEGER;
