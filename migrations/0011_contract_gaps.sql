-- Periods in which a venue was connected, but not subscribed to the liquidations of one contract.
CREATE TABLE contract_gaps (
  exchange TEXT NOT NULL,
  contract TEXT NOT NULL,
  from_time INTEGER NOT NULL,
  to_time INTEGER,
  PRIMARY KEY (exchange, contract, from_time)
) STRICT, WITHOUT ROWID;

CREATE INDEX contract_gaps_by_start ON contract_gaps (from_time);

-- Liquidations of a gap that the venue's history named later, or while it lasted.
ALTER TABLE gaps ADD COLUMN filled_events INTEGER NOT NULL DEFAULT 0;
