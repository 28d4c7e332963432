/**
 * Storages as the code wrote them before schemas had versions: the statements of its constructors and some rows, kept
 * literally, since what is out there never changes.
 */

export const FEED_TABLES = `
  CREATE TABLE IF NOT EXISTS memory (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS events (
    sequence INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, received_time INTEGER NOT NULL,
    settled INTEGER NOT NULL, event TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS batches (
    batch INTEGER PRIMARY KEY, first_sequence INTEGER NOT NULL, last_sequence INTEGER NOT NULL,
    sealed_time INTEGER NOT NULL, oldest_event_time INTEGER NOT NULL, gaps TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS minute_marks (minute INTEGER NOT NULL, symbol TEXT NOT NULL, mark TEXT NOT NULL, PRIMARY KEY (minute, symbol)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS impacts (sequence INTEGER PRIMARY KEY, event_time INTEGER NOT NULL, impact TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS gaps (from_time INTEGER PRIMARY KEY, to_time INTEGER, reason TEXT NOT NULL, told INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS rejects (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, reason TEXT NOT NULL, text TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS reject_counts (reason TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS executions (
    position_id TEXT NOT NULL, time INTEGER NOT NULL, text TEXT NOT NULL, instrument TEXT NOT NULL,
    PRIMARY KEY (position_id, time, text)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS backfills (
    id INTEGER PRIMARY KEY, from_time INTEGER NOT NULL, to_time INTEGER NOT NULL, due_time INTEGER NOT NULL,
    failures INTEGER NOT NULL, second INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS sinks (sink TEXT PRIMARY KEY, progress TEXT NOT NULL) WITHOUT ROWID;`;

const journaled = (id: string, time: number) =>
  `{"event_id":"${id}","exchange":"bitfinex","instrument":"tBTCF0:USTF0","symbol":"BTC","quote":"USDT","event_time":${time},` +
  `"received_time":${time + 200},"position_side":"long","order_side":"sell","price":83512.5,"price_kind":"acquired","quantity":0.5,` +
  `"usd_value":41756.25,"coverage":"all_reported","gap_before_ms":0,"source":"stream","schema_version":1,"adapter_version":1}`;

export const FIRST_ID = "bitfinex:tBTCF0:USTF0:143679087:1795132800000";
export const SECOND_ID = "bitfinex:tBTCF0:USTF0:143679088:1795132801000";
export const THIRD_ID = "bitfinex:tBTCF0:USTF0:143679089:1795132860000";

/** Three events in two batches, of which the sink `d1` has one; an execution of the first event's position, one of no event's. */
export const FEED_ROWS = `
  INSERT INTO memory VALUES ('epoch', '1795132790000'), ('counts', '{"duplicates":2,"skipped":0,"too_old":0,"reconnects":1,"inferred":0}');
  INSERT INTO events VALUES
    (1, '${FIRST_ID}', 1795132800200, 1, '${journaled(FIRST_ID, 1795132800000)}'),
    (2, '${SECOND_ID}', 1795132801200, 1, '${journaled(SECOND_ID, 1795132801000)}'),
    (3, '${THIRD_ID}', 1795132860200, 1, '${journaled(THIRD_ID, 1795132860000)}');
  INSERT INTO batches VALUES (1, 1, 2, 1795132810000, 1795132800000, '[]'), (2, 3, 3, 1795132870000, 1795132860000, '[]');
  INSERT INTO minute_marks VALUES (1795132800000, 'BTC', '{"exchange":"bitfinex","minute":1795132800000,"symbol":"BTC","open":1,"high":1,"low":1,"close":1}');
  INSERT INTO impacts VALUES (1, 1795132800000, '{"event_id":"${FIRST_ID}","event_time":1795132800000,"impact_1s_bps":1,"impact_5s_bps":null,"impact_60s_bps":null}');
  INSERT INTO gaps VALUES (0, 1795132795000, 'not_started', 1), (1795132820000, 1795132830000, 'disconnected', 0);
  INSERT INTO rejects VALUES (1, 1795132800000, 'not JSON', '{');
  INSERT INTO reject_counts VALUES ('not JSON', 3);
  INSERT INTO executions VALUES
    ('143679087', 1795132800000, '["pos",143679087]', 'tBTCF0:USTF0'), ('143679099', 1795132801000, '["pos",143679099]', 'tBTCF0:USTF0');
  INSERT INTO backfills VALUES (1, 1795132820000, 1795132830000, 1795132830000, 0, 0);
  INSERT INTO sinks VALUES ('d1', '{"batch":1,"impact":0,"rows_stored":2,"rows_refused":0,"failures":0,"next_time":0,"last_success_time":1795132811000,"last_error":null,"last_error_time":null}');`;

export const HUB_TABLES = `
  CREATE TABLE IF NOT EXISTS memory (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS history (key TEXT PRIMARY KEY, until INTEGER NOT NULL, rows BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS cascade_outbox (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT, record TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS sketches (
    key TEXT NOT NULL, hour INTEGER NOT NULL, velocity TEXT NOT NULL, cum_usd_5m TEXT NOT NULL, PRIMARY KEY (key, hour)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS fits (key TEXT PRIMARY KEY, time INTEGER NOT NULL, fit TEXT NOT NULL) WITHOUT ROWID;`;

export const OUTBOX_TABLES = `
  CREATE TABLE IF NOT EXISTS deliveries (webhook_id TEXT PRIMARY KEY, event TEXT NOT NULL, created_time INTEGER NOT NULL,
    state TEXT NOT NULL, next_attempt_time INTEGER, tries INTEGER NOT NULL, attempts TEXT NOT NULL, reason TEXT,
    unlogged INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS deliveries_by_state ON deliveries (state, next_attempt_time);
  CREATE INDEX IF NOT EXISTS deliveries_unlogged ON deliveries (unlogged) WHERE unlogged = 1;`;

export const OUTBOX_ROWS = `
  INSERT INTO deliveries VALUES
    ('msg_1', '{"id":"one","type":"signal.issued","time":1795132800000,"symbol":"BTC","data":{}}', 1795132800000, 'pending', 1795132900000, 2, '[]', NULL, 0),
    ('msg_2', '{"id":"two","type":"signal.issued","time":1795132800000,"symbol":"BTC","data":{}}', 1795132800000, 'delivered', NULL, 1, '[]', NULL, 0);`;
