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
  ],
};
