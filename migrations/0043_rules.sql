-- Rules that callers write themselves, and what happened to them. Times in ms.

CREATE TABLE rules (
  rule_id TEXT NOT NULL PRIMARY KEY,
  -- The key that created it, or admin.
  owner TEXT NOT NULL,
  name TEXT NOT NULL,
  -- In the language of `src/rules/parse-rule.ts`.
  rule TEXT NOT NULL,
  -- JSON list of base assets.
  symbols TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  escalate_after_s INTEGER,
  -- JSON; null without.
  quiet_hours TEXT,
  digest_minutes INTEGER,
  -- When its text or its base assets last changed: from then on it starts again.
  version INTEGER NOT NULL,
  created_time INTEGER NOT NULL,
  -- Of the request that created it, so that the request repeated creates no second one.
  idempotency_key TEXT,
  request_hash TEXT,
  UNIQUE (owner, idempotency_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE rule_events (
  rule_id TEXT NOT NULL,
  time INTEGER NOT NULL,
  event_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  symbol TEXT NOT NULL,
  -- JSON: the values of the rule's fields and the liquidation.
  content TEXT NOT NULL,
  -- When it is delivered: later than `time` in quiet hours and digests.
  release_time INTEGER NOT NULL,
  PRIMARY KEY (rule_id, time, event_id)
) STRICT, WITHOUT ROWID;
-- For its retention.
CREATE INDEX rule_events_by_time ON rule_events (time);
