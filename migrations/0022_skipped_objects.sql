-- Objects that a refill skipped because they cannot be read, as JSON: [{ key, reason }].
ALTER TABLE store_refills ADD COLUMN skipped TEXT NOT NULL DEFAULT '[]';
-- Time, ms, since which no attempt got on; null where the last one did.
ALTER TABLE store_refills ADD COLUMN failing_since INTEGER;
