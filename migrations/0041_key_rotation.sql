-- The former secret of a rotated key and how long it works, and the request that rotated it, so that a repetition within 24 h gets
-- the same answer: the new secret is made again of `rotation_seed`.
ALTER TABLE api_keys ADD COLUMN previous_hash TEXT;
ALTER TABLE api_keys ADD COLUMN previous_until INTEGER;
ALTER TABLE api_keys ADD COLUMN rotated_time INTEGER;
ALTER TABLE api_keys ADD COLUMN rotation_key TEXT;
ALTER TABLE api_keys ADD COLUMN rotation_hash TEXT;
ALTER TABLE api_keys ADD COLUMN rotation_seed TEXT;
CREATE INDEX api_keys_by_previous_hash ON api_keys (previous_hash) WHERE previous_hash IS NOT NULL;
