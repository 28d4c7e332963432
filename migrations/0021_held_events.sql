-- Until a time, retention closes no minute from another on: a refill of D1 has begun, and the feeds are about to say
-- which rows they send again. Times in ms.
ALTER TABLE hot_events ADD COLUMN held_from INTEGER;
ALTER TABLE hot_events ADD COLUMN held_until INTEGER;
