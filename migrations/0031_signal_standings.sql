-- What paper and the calibrated probability of a decision follow from. NULL in both is a record of before: its hash does not
-- cover them.
ALTER TABLE signals ADD COLUMN wealth REAL;
ALTER TABLE signals ADD COLUMN grades_known INTEGER;

-- The decisions of a version of the rule model, whoever decided.
CREATE INDEX signals_by_rule_version ON signals (rule_version, sequence) WHERE rule_version IS NOT NULL;
