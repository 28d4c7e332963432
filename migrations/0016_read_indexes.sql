-- Indexes for the filters and orders of the API, so that what a request costs follows from what it returns.

-- The largest events, and high minimum values.
CREATE INDEX liquidations_by_usd ON liquidations (usd_value);
-- A venue with few events.
CREATE INDEX liquidations_by_exchange ON liquidations (exchange, event_time);

-- Gaps that begin in a range, and gaps that reach into it.
CREATE INDEX gaps_by_start ON gaps (from_time, exchange);
CREATE INDEX gaps_by_end ON gaps (to_time);

-- Large cascades are few.
CREATE INDEX cascades_by_usd ON cascades (usd);
