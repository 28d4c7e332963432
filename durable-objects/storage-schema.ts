/**
 * One change of an object's tables, run once in each storage. A step that was ever deployed is never edited: storages
 * that have it keep what it did.
 */
export interface SchemaStep {
  readonly name: string;
  /** Statements without bindings, separated by semicolons. */
  readonly sql: string;
}

/** The tables of one object class. A storage's version is the number of steps it has; new steps are appended. */
export interface StorageSchema {
  /** The class, for messages. */
  readonly object: string;
  readonly steps: readonly SchemaStep[];
}

/** The storage was written by newer code, whose tables this code cannot know. */
export class StorageTooNewError extends Error {
  override readonly name = "StorageTooNewError";

  constructor(object: string, found: number, stepName: string, known: number) {
    super(
      `The storage of this ${object} has schema version ${found} (step "${stepName}"), but this code knows versions up to ${known}. ` +
        "Deploy the newer code again; nothing was changed.",
    );
  }
}

/**
 * Brings an object's storage to the newest version, in one transaction; a storage that has it costs one read. The
 * version stands in a table because objects may not set `PRAGMA user_version`.
 * https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/
 * @throws {StorageTooNewError} before anything is changed
 */
export function migrateStorage(storage: DurableObjectStorage, { object, steps }: StorageSchema): void {
  const { sql } = storage;
  sql.exec("CREATE TABLE IF NOT EXISTS schema_steps (version INTEGER PRIMARY KEY, name TEXT NOT NULL)");
  const newest = sql.exec<{ version: number; name: string }>("SELECT version, name FROM schema_steps ORDER BY version DESC LIMIT 1");
  const { version, name } = newest.toArray()[0] ?? { version: 0, name: "" };
  if (version > steps.length) throw new StorageTooNewError(object, version, name, steps.length);
  if (version === steps.length) return;
  storage.transactionSync(() => {
    for (const [index, step] of steps.entries()) {
      if (index < version) continue;
      sql.exec(step.sql);
      sql.exec("INSERT INTO schema_steps (version, name) VALUES (?, ?)", index + 1, step.name);
    }
  });
}
