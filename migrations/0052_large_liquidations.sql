-- The index by value has the liquidations of 10,000 USD or more only (LOWEST_MIN_USD): each row of an index is a row written, and most
-- liquidations are smaller. With the plus, a search for a larger value is not taken for one from 10,000 on.
DROP INDEX liquidations_by_usd;
CREATE INDEX liquidations_large ON liquidations (usd_value) WHERE +usd_value >= 10000;
