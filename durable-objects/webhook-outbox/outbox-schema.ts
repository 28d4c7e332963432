import type { StorageSchema } from "../storage-schema.ts";

/** The tables of an endpoint's object. */
export const OUTBOX_SCHEMA: StorageSchema = {
  object: "WebhookOutbox",
  steps: [
    {
      // Storages from before schema versions have this table. Its rowid is the order of the deliveries; `unlogged` is 1
      // until the log has been written.
      name: "tables from before versions",
      sql: `
        CREATE TABLE IF NOT EXISTS deliveries (webhook_id TEXT PRIMARY KEY, event TEXT NOT NULL, created_time INTEGER NOT NULL,
          state TEXT NOT NULL, next_attempt_time INTEGER, tries INTEGER NOT NULL, attempts TEXT NOT NULL, reason TEXT,
          unlogged INTEGER NOT NULL);
        CREATE INDEX IF NOT EXISTS deliveries_by_state ON deliveries (state, next_attempt_time);
        CREATE INDEX IF NOT EXISTS deliveries_unlogged ON deliveries (unlogged) WHERE unlogged = 1;`,
    },
    {
      name: "events beyond the limit of a minute",
      sql: `
        CREATE TABLE not_sent (webhook_id TEXT PRIMARY KEY, time INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX not_sent_by_time ON not_sent (time);`,
    },
    {
      name: "messages that later ones edit or reply to",
      sql: `
        CREATE TABLE threads (thread TEXT PRIMARY KEY, message_id TEXT NOT NULL, time INTEGER NOT NULL,
          written_time INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX threads_by_time ON threads (written_time);`,
    },
  ],
};
