-- The smallest liquidations that an endpoint wants as `liquidation.large`: JSON, a number of USD or an object of them by base
-- asset; null where it wants none.
ALTER TABLE webhook_endpoints ADD COLUMN min_usd TEXT;
