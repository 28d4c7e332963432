-- What the venues told of auto-deleveraging during a cascade, as JSON; null in records of before.
ALTER TABLE cascades ADD COLUMN adl_states TEXT;
