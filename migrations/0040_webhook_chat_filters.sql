-- Which decisions an endpoint wants (JSON lists and numbers as in the API), the least USD of its cascades and decisions, and
-- whether later messages about the same thing edit the first. Chats are no longer sent decisions for NOTHING unless they ask.
ALTER TABLE webhook_endpoints ADD COLUMN actions TEXT NOT NULL DEFAULT '[]';
ALTER TABLE webhook_endpoints ADD COLUMN min_confidence REAL;
ALTER TABLE webhook_endpoints ADD COLUMN min_flow_usd TEXT;
ALTER TABLE webhook_endpoints ADD COLUMN updates TEXT NOT NULL DEFAULT 'new';
UPDATE webhook_endpoints SET actions = '["BUY","SELL"]' WHERE format != 'standard';
UPDATE webhook_endpoints SET updates = 'edit' WHERE format IN ('telegram', 'discord');
