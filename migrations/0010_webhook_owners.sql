-- A webhook endpoint belongs to the caller that created it, and so does the idempotency key of the request.

CREATE TABLE webhook_endpoints_owned (
  endpoint_id TEXT NOT NULL PRIMARY KEY,
  -- The key that created it, or admin. The defaults are what the code of before this migration means.
  owner TEXT NOT NULL DEFAULT 'admin',
  -- 1 where the owner was an admin, who may see the events of every owner.
  sees_all INTEGER NOT NULL DEFAULT 1,
  -- opening: its object may not exist yet. closing: its object may still exist. The job `webhooks` finishes both.
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('opening', 'open', 'closing')),
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
  -- Since when it fails, with the last error, and when it may be disabled for it; null while it does not fail.
  failing_since INTEGER,
  failing_error TEXT,
  will_be_disabled_time INTEGER,
  -- The times above that webhook.failing and webhook.disabled were published for.
  announced_failing_since INTEGER,
  announced_disabled_time INTEGER,
  -- Of the request that created it, so that the request repeated creates no second one.
  idempotency_key TEXT,
  request_hash TEXT,
  UNIQUE (owner, idempotency_key)
) STRICT, WITHOUT ROWID;

INSERT INTO webhook_endpoints_owned
  SELECT endpoint_id, 'admin', 1, 'open', url, description, format, events, symbols, created_time, disabled_time, disabled_reason,
    NULL, NULL, NULL, NULL, disabled_time, idempotency_key, request_hash
  FROM webhook_endpoints;

DROP TABLE webhook_endpoints;
ALTER TABLE webhook_endpoints_owned RENAME TO webhook_endpoints;

-- The same for API keys: the column holds the caller and its idempotency key.
UPDATE api_keys SET idempotency_key = 'admin ' || idempotency_key WHERE idempotency_key IS NOT NULL;
