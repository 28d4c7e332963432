-- Who may ask for what, how much they asked for, and the exports they had made. Times are integer milliseconds since 1970 UTC.

CREATE TABLE api_keys (
  key_id TEXT NOT NULL PRIMARY KEY,
  -- SHA-256 of the whole key, hexadecimal; the key itself is nowhere.
  key_hash TEXT NOT NULL UNIQUE,
  -- How the key begins, so that its holder knows it again.
  prefix TEXT NOT NULL,
  name TEXT NOT NULL,
  -- JSON list.
  scopes TEXT NOT NULL,
  -- Null: no limit but the rate limit.
  requests_per_day INTEGER,
  export_rows_per_day INTEGER,
  created_time INTEGER NOT NULL,
  expires_time INTEGER,
  revoked_time INTEGER,
  -- Of the request that made it, and what its answer's key is made from again.
  idempotency_key TEXT UNIQUE,
  request_hash TEXT,
  seed TEXT
) STRICT, WITHOUT ROWID;

-- By key and UTC date.
CREATE TABLE api_usage (
  key_id TEXT NOT NULL,
  date TEXT NOT NULL,
  requests INTEGER NOT NULL DEFAULT 0,
  export_rows INTEGER NOT NULL DEFAULT 0,
  download_bytes INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (key_id, date)
) STRICT, WITHOUT ROWID;

CREATE TABLE exports (
  export_id TEXT NOT NULL PRIMARY KEY,
  -- The key that asked for it, or admin.
  owner TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'expired')),
  -- JSON: what was asked for, as it was read.
  request TEXT NOT NULL,
  estimated_rows INTEGER NOT NULL,
  rows INTEGER NOT NULL DEFAULT 0,
  -- Every event before this time is written.
  done_until INTEGER NOT NULL,
  bytes INTEGER,
  files INTEGER,
  error TEXT,
  created_time INTEGER NOT NULL,
  -- When it last got on: one that has not for long is driven on anew.
  updated_time INTEGER NOT NULL,
  finished_time INTEGER,
  expires_time INTEGER,
  -- How often a workflow was started for it.
  starts INTEGER NOT NULL DEFAULT 0,
  idempotency_key TEXT,
  request_hash TEXT,
  UNIQUE (owner, idempotency_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX exports_by_owner ON exports (owner, created_time, export_id);
CREATE INDEX exports_by_state ON exports (state, updated_time);
