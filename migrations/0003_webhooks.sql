-- Where events are delivered to, and what came of it. Times are integer milliseconds since 1970 UTC. No secret stands
-- here: signing secrets, and addresses that are themselves secrets, are in the endpoint's own Durable Object.

CREATE TABLE webhook_endpoints (
  endpoint_id TEXT NOT NULL PRIMARY KEY,
  -- As it may be shown.
  url TEXT NOT NULL,
  description TEXT,
  format TEXT NOT NULL,
  -- JSON lists; an empty one lets everything through.
  events TEXT NOT NULL,
  symbols TEXT NOT NULL,
  created_time INTEGER NOT NULL,
  disabled_time INTEGER,
  disabled_reason TEXT,
  -- Of the request that made it, so that the request repeated makes no second one.
  idempotency_key TEXT UNIQUE,
  request_hash TEXT
) STRICT, WITHOUT ROWID;

-- One row an event and endpoint, kept for seven days by the endpoint's object.
CREATE TABLE webhook_deliveries (
  endpoint_id TEXT NOT NULL,
  created_time INTEGER NOT NULL,
  webhook_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  event_type TEXT NOT NULL,
  symbol TEXT,
  state TEXT NOT NULL,
  tries INTEGER NOT NULL,
  next_attempt_time INTEGER,
  reason TEXT,
  -- JSON list of the latest 20: time, status, latency_ms, error, response.
  attempts TEXT NOT NULL,
  PRIMARY KEY (endpoint_id, created_time, webhook_id)
) STRICT, WITHOUT ROWID;

-- Feeds that are not live, as the watchdog remembers them from minute to minute.
CREATE TABLE feed_outages (
  exchange TEXT NOT NULL PRIMARY KEY,
  since INTEGER NOT NULL,
  announced INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
