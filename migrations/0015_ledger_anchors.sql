-- The last record of the ledger when a UTC day had ended, which is also kept outside of D1: in the day's manifest, in
-- Supabase and by whoever receives ledger.anchored.
CREATE TABLE ledger_anchors (
  date TEXT NOT NULL PRIMARY KEY,
  sequence INTEGER NOT NULL,
  hash TEXT NOT NULL,
  anchored_time INTEGER NOT NULL,
  published_time INTEGER,
  archived_time INTEGER
) STRICT, WITHOUT ROWID;

-- The endpoints from the configuration receive the new event too.
UPDATE webhook_endpoints SET events = json_insert(events, '$[#]', 'ledger.anchored')
WHERE endpoint_id IN ('telegram', 'discord') AND json_array_length(events) > 0;
