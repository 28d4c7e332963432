import type { StatementRunner } from "./object-memory.ts";

/**
 * One change of an object's tables, run once in each storage. Never edit a step that was deployed: existing storages
 * keep its result.
 */
export interface SchemaStep {
  readonly name: string;
  /** Statements without bindings, separated by semicolons. */
  readonly sql: string;
}

/** The tables of one object class. The version of a storage is the number of its steps; append new ones. */
export interface StorageSchema {
  /** Name of the class, for messages. */
  readonly object: string;
  /** The table that keeps the steps that were run. */
  readonly stepsTable?: string;
  readonly steps: readonly SchemaStep[];
}

/** The part of an object's storage that a schema needs. */
export interface MigratedStorage {
  readonly sql: StatementRunner;
  transactionSync<T>(run: () => T): T;
}

/** The storage was written by newer code, with tables that this code does not know. */
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
 * Migrates an object's storage to the newest version, in one transaction; a current storage costs one read. The version
 * is kept in a table because objects may not set `PRAGMA user_version`.
 * https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/
 * @throws {StorageTooNewError} before anything is changed
 */
export function migrateStorage(storage: MigratedStorage, { object, stepsTable = "schema_steps", steps }: StorageSchema): void {
  const { sql } = storage;
  sql.exec(`CREATE TABLE IF NOT EXISTS ${stepsTable} (version INTEGER PRIMARY KEY, name TEXT NOT NULL)`);
  const newest = sql.exec<{ version: number; name: string }>(`SELECT version, name FROM ${stepsTable} ORDER BY version DESC LIMIT 1`);
  const { version, name } = newest.toArray()[0] ?? { version: 0, name: "" };
  if (version > steps.length) throw new StorageTooNewError(object, version, name, steps.length);
  if (version === steps.length) return;
  storage.transactionSync(() => {
    for (const [index, step] of steps.entries()) {
      if (index < version) continue;
      sql.exec(step.sql);
      sql.exec(`INSERT INTO ${stepsTable} (version, name) VALUES (?, ?)`, index + 1, step.name);
    }
  });
}
