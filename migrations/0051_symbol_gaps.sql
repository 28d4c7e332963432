-- A base asset may be silent on a venue that delivers others: reason suspect, and `contract` is then the name of the base asset.
ALTER TABLE contract_gaps ADD COLUMN reason TEXT NOT NULL DEFAULT 'not_subscribed';
