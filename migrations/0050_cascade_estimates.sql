-- What the liquidations of a cascade's base asset and side are estimated to come to over the minutes in which it ran, as JSON of
-- CascadeEstimate in workers/d1/cascade-estimates.ts: estimates by minute are deleted after 8 days. Null until it is stored, some two
-- hours after the cascade ended.
ALTER TABLE cascades ADD COLUMN estimate TEXT;

-- Rows written: one more when a cascade ends, and one when its estimate is stored.
CREATE INDEX cascades_without_estimate ON cascades (end_time) WHERE estimate IS NULL AND end_time IS NOT NULL;
