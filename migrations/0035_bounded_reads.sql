-- Indexes with which every list reads no more rows than it returns, or a fixed number of them. Gaps, exports and changed
-- files are few, so what an index adds to the rows written is some hundreds a day at most.

-- Gaps by reason, of all venues and of one.
CREATE INDEX gaps_by_reason ON gaps (reason, from_time, exchange);
CREATE INDEX gaps_by_venue_reason ON gaps (exchange, reason, from_time);
-- Those of more than 6 h, so that what reaches into a range is found without reading all gaps before it.
CREATE INDEX long_gaps ON gaps (to_time) WHERE to_time - from_time > 21600000;

CREATE INDEX contract_gaps_by_venue ON contract_gaps (exchange, from_time, contract);
CREATE INDEX contract_gaps_by_end ON contract_gaps (to_time);
CREATE INDEX long_contract_gaps ON contract_gaps (to_time) WHERE to_time - from_time > 21600000;

CREATE INDEX exports_by_time ON exports (created_time, export_id);
CREATE INDEX dataset_changes_by_kind ON dataset_changes (kind, sequence);
CREATE INDEX dataset_changes_by_date ON dataset_changes (kind, date);
