import type { StorageSchema } from "../storage-schema.ts";

/** The tables of the hub. */
export const HUB_SCHEMA: StorageSchema = {
  object: "MarketHub",
  steps: [
    {
      // Storages from before schema versions have some or all of these tables.
      name: "tables from before versions",
      sql: `
        CREATE TABLE IF NOT EXISTS memory (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS history (key TEXT PRIMARY KEY, until INTEGER NOT NULL, rows BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS cascade_outbox (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT, record TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS sketches (
          key TEXT NOT NULL, hour INTEGER NOT NULL, velocity TEXT NOT NULL, cum_usd_5m TEXT NOT NULL, PRIMARY KEY (key, hour)
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS fits (key TEXT PRIMARY KEY, time INTEGER NOT NULL, fit TEXT NOT NULL) WITHOUT ROWID;`,
    },
    {
      // Format 1 had room for eight venues; `src/cascade/history-rows.ts` reads both.
      name: "format of history rows",
      sql: "ALTER TABLE history ADD COLUMN format INTEGER NOT NULL DEFAULT 1",
    },
    {
      name: "transitions wait alone",
      sql: `
        ALTER TABLE cascade_outbox ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE cascade_outbox ADD COLUMN next_time INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE cascade_outbox ADD COLUMN saved INTEGER NOT NULL DEFAULT 0;`,
    },
    {
      name: "baselines of liquidations, and gaps of a day",
      sql: `
        ALTER TABLE sketches DROP COLUMN cum_usd_5m;
        ALTER TABLE sketches ADD COLUMN event_velocity TEXT NOT NULL DEFAULT '{"zeros":0,"buckets":[]}';
        ALTER TABLE sketches ADD COLUMN event_count TEXT NOT NULL DEFAULT '{"zeros":0,"buckets":[]}';
        CREATE TABLE gaps (exchange TEXT NOT NULL, from_time INTEGER NOT NULL, to_time INTEGER, reason TEXT NOT NULL, PRIMARY KEY (exchange, from_time))
        WITHOUT ROWID;`,
    },
    {
      name: "stream log",
      sql: `
        CREATE TABLE stream_log (
          sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL UNIQUE, symbol TEXT, exchanges TEXT,
          side TEXT, usd REAL, inferred INTEGER NOT NULL, event_time INTEGER NOT NULL, received_time INTEGER, body TEXT NOT NULL
        );
        CREATE TABLE stream_hours (hour INTEGER PRIMARY KEY, sequence INTEGER NOT NULL);`,
    },
    {
      name: "large liquidations for webhooks",
      sql: `
        CREATE TABLE large_outbox (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, frame TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
          next_time INTEGER NOT NULL DEFAULT 0);`,
    },
    {
      // Frames from before stay where they are until they are a day old. What reads the view in the order of sequence must also
      // select it, or SQLite sorts the whole log.
      name: "stream frames without an index of their keys",
      sql: `
        CREATE TABLE stream_frames (
          sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, symbol TEXT, exchanges TEXT,
          side TEXT, usd REAL, inferred INTEGER NOT NULL, event_time INTEGER NOT NULL, received_time INTEGER, body TEXT NOT NULL
        );
        CREATE VIEW stream AS
          SELECT sequence, time, kind, key, symbol, exchanges, side, usd, inferred, event_time, received_time, body FROM stream_log
          UNION ALL
          SELECT sequence, time, kind, key, symbol, exchanges, side, usd, inferred, event_time, received_time, body FROM stream_frames;`,
    },
    {
      name: "what happened to rules",
      sql: `
        CREATE TABLE rule_outbox (id INTEGER PRIMARY KEY, release_time INTEGER NOT NULL, not_sent INTEGER NOT NULL, rule TEXT NOT NULL,
          happening TEXT NOT NULL, logged INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0, next_time INTEGER NOT NULL DEFAULT 0);`,
    },
  ],
};
