import type { StorageSchema } from "../storage-schema.ts";

/** The tables of a venue, in braces: an object may have those of several venues. */
export const FEED_SCHEMA: StorageSchema = {
  object: "ExchangeFeed",
  stepsTable: "{schema_steps}",
  steps: [
    {
      // Storages from before schema versions have some or all of these tables.
      name: "tables from before versions",
      sql: `
        CREATE TABLE IF NOT EXISTS {memory} (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS {events} (
          sequence INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, received_time INTEGER NOT NULL,
          settled INTEGER NOT NULL, event TEXT NOT NULL
        );
        CREATE TABLE IF NOT EXISTS {batches} (
          batch INTEGER PRIMARY KEY, first_sequence INTEGER NOT NULL, last_sequence INTEGER NOT NULL,
          sealed_time INTEGER NOT NULL, oldest_event_time INTEGER NOT NULL, gaps TEXT NOT NULL
        );
        CREATE TABLE IF NOT EXISTS {impacts} (sequence INTEGER PRIMARY KEY, event_time INTEGER NOT NULL, impact TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS {minute_marks} (
          minute INTEGER NOT NULL, symbol TEXT NOT NULL, mark TEXT NOT NULL, PRIMARY KEY (minute, symbol)
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS {gaps} (
          from_time INTEGER PRIMARY KEY, to_time INTEGER, reason TEXT NOT NULL, told INTEGER NOT NULL
        );
        CREATE TABLE IF NOT EXISTS {rejects} (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, reason TEXT NOT NULL, text TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS {reject_counts} (reason TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS {executions} (
          position_id TEXT NOT NULL, time INTEGER NOT NULL, text TEXT NOT NULL, instrument TEXT NOT NULL,
          PRIMARY KEY (position_id, time, text)
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS {backfills} (
          id INTEGER PRIMARY KEY, from_time INTEGER NOT NULL, to_time INTEGER NOT NULL, due_time INTEGER NOT NULL,
          failures INTEGER NOT NULL, second INTEGER NOT NULL
        );
        CREATE TABLE IF NOT EXISTS {sinks} (sink TEXT PRIMARY KEY, progress TEXT NOT NULL) WITHOUT ROWID;`,
    },
    {
      // All executions so far are Bitfinex's: no other venue had any.
      name: "executions by the events they belong to",
      sql: `
        CREATE TABLE {executions_by_event} (
          event_id_prefix TEXT NOT NULL, time INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (event_id_prefix, time, text)
        ) WITHOUT ROWID;
        INSERT INTO {executions_by_event}
          SELECT 'bitfinex:' || instrument || ':' || position_id || ':', time, text FROM {executions};
        DROP TABLE {executions};
        ALTER TABLE {executions_by_event} RENAME TO {executions};`,
    },
    {
      // Rows from before are not counted: reading them all would take longer than a start may.
      name: "numbers of rows by hour of their event time",
      sql: `
        CREATE TABLE {sealed_hours} (hour INTEGER PRIMARY KEY, rows INTEGER NOT NULL, inferred INTEGER NOT NULL);
        CREATE TABLE {stored_hours} (
          sink TEXT NOT NULL, hour INTEGER NOT NULL, rows INTEGER NOT NULL, inferred INTEGER NOT NULL, refused INTEGER NOT NULL,
          PRIMARY KEY (sink, hour)
        ) WITHOUT ROWID;
        INSERT INTO {memory} (key, value) VALUES ('counted_from', CAST(unixepoch('subsec') * 1000 AS INTEGER));`,
    },
    {
      // In the row of the event, since each row written is billed.
      name: "raw frames beside the first event of each",
      sql: "ALTER TABLE {events} ADD COLUMN frame TEXT;",
    },
    {
      name: "ids of rows that gave way to newer ones",
      sql: "CREATE TABLE {released_events} (event_id TEXT PRIMARY KEY, received_time INTEGER NOT NULL) WITHOUT ROWID",
    },
    {
      name: "liquidations of gaps that the venue's history named",
      sql: "ALTER TABLE {gaps} ADD COLUMN filled_events INTEGER NOT NULL DEFAULT 0;",
    },
    {
      name: "gaps of single contracts",
      sql: `
        CREATE TABLE {contract_gaps} (
          contract TEXT NOT NULL, from_time INTEGER NOT NULL, to_time INTEGER, acknowledged INTEGER NOT NULL,
          PRIMARY KEY (contract, from_time)
        ) WITHOUT ROWID;`,
    },
    {
      // A mark is acknowledged by its text, so it is given the fields that it would be read with.
      name: "the market beside the marks of minutes",
      sql: "UPDATE {minute_marks} SET mark = json_insert(mark, '$.spread_bps', NULL, '$.volume_usd', NULL, '$.funding_rate', NULL);",
    },
    {
      // Rows from before stay where they are until they are a day old and deleted: copying them all would take longer than a
      // start may. What reads {journal} in the order of sequence must also select it, or SQLite sorts the whole journal. {executions}
      // are those of a day, and each is looked up in the index that the new table does without.
      name: "rows without an index of their ids",
      sql: `
        CREATE TABLE {liquidations} (
          sequence INTEGER PRIMARY KEY, event_id TEXT NOT NULL, received_time INTEGER NOT NULL, event TEXT NOT NULL, frame TEXT
        );
        CREATE VIEW {journal} AS
          SELECT sequence, event_id, received_time, event, frame FROM {events}
          UNION ALL SELECT sequence, event_id, received_time, event, frame FROM {liquidations};
        ALTER TABLE {batches} ADD COLUMN fields TEXT;
        ALTER TABLE {batches} ADD COLUMN ids BLOB;
        ALTER TABLE {executions} ADD COLUMN matched INTEGER NOT NULL DEFAULT 0;
        UPDATE {executions} SET matched = 1 WHERE EXISTS (
          SELECT 1 FROM {events} WHERE event_id >= event_id_prefix AND event_id < event_id_prefix || char(1114111));`,
    },
    {
      name: "the rest of a history that a run did not read",
      sql: `
        ALTER TABLE {backfills} ADD COLUMN purpose TEXT NOT NULL DEFAULT 'gap';
        UPDATE {backfills} SET purpose = 'second_look' WHERE second = 1;
        ALTER TABLE {backfills} DROP COLUMN second;
        ALTER TABLE {backfills} ADD COLUMN rest TEXT;
        ALTER TABLE {backfills} ADD COLUMN pages INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE {backfills} ADD COLUMN found INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE {backfills} ADD COLUMN error TEXT;
        ALTER TABLE {backfills} ADD COLUMN given_up TEXT;`,
    },
  ],
};
