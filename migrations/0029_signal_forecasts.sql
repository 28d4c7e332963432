-- What the model says of the price, and the rule model's whole verdict beside it. NULL in all of them is a record of before:
-- its hash does not cover them.
ALTER TABLE signals ADD COLUMN record_version INTEGER;
ALTER TABLE signals ADD COLUMN p_up REAL;
ALTER TABLE signals ADD COLUMN p_down REAL;
ALTER TABLE signals ADD COLUMN p_up_deviation REAL;
ALTER TABLE signals ADD COLUMN p_down_deviation REAL;
ALTER TABLE signals ADD COLUMN samples_asked INTEGER;
ALTER TABLE signals ADD COLUMN samples_used INTEGER;
ALTER TABLE signals ADD COLUMN expected_net_bps REAL;
ALTER TABLE signals ADD COLUMN rule_version TEXT;
ALTER TABLE signals ADD COLUMN rule_confidence REAL;
ALTER TABLE signals ADD COLUMN rule_probability REAL;
ALTER TABLE signals ADD COLUMN rule_reason TEXT;
