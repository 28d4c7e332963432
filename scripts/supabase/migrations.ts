import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ISql, Sql } from "postgres";

export interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
  /** The first comment line of the file. */
  readonly summary: string;
}

export interface AppliedMigration {
  readonly name: string;
  readonly sha256: string;
}

export const MIGRATIONS_FOLDER = join(import.meta.dirname, "../../migrations/supabase");

/** The migrations of the folder in the order of their names. */
export async function readMigrations(folder: string = MIGRATIONS_FOLDER): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name), "utf8");
      const sha256 = createHash("sha256").update(sql).digest("hex");
      return { name, sql, sha256, summary: /^-- ?(.*)$/m.exec(sql)?.[1] ?? "" };
    }),
  );
}

/** The migrations recorded as applied; none where the record does not exist yet. */
export async function readApplied(sql: ISql): Promise<readonly AppliedMigration[]> {
  const [record] = await sql.unsafe("select to_regclass('liquidation_internal.migrations') is not null as present");
  if (record?.["present"] !== true) return [];
  const rows = await sql.unsafe("select name, sha256 from liquidation_internal.migrations order by name");
  return rows.map((row) => ({ name: String(row["name"]), sha256: String(row["sha256"]) }));
}

/**
 * The pending migrations.
 * @throws {Error} where a file was edited after it was applied, because the change would never reach this database
 */
export function pendingMigrations(all: readonly Migration[], applied: readonly AppliedMigration[]): readonly Migration[] {
  const recorded = new Map(applied.map((migration) => [migration.name, migration.sha256]));
  for (const migration of all) {
    const sha256 = recorded.get(migration.name);
    if (sha256 !== undefined && sha256 !== migration.sha256) {
      throw new Error(`${migration.name} was edited after it was applied; put the change into a new migration.`);
    }
  }
  return all.filter((migration) => !recorded.has(migration.name));
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Applies one migration and records it, both or neither. A concurrent run waits and then does nothing. */
export async function applyMigration(sql: Sql, migration: Migration): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction.unsafe("select pg_advisory_xact_lock(hashtext('liquidation_migrations'))");
    if ((await readApplied(transaction)).some((applied) => applied.name === migration.name)) return;
    await transaction.unsafe(migration.sql);
    await transaction.unsafe(
      `create schema if not exists liquidation_internal;
       create table if not exists liquidation_internal.migrations (
         name text primary key, sha256 text not null, applied_time timestamptz not null default now()
       );
       insert into liquidation_internal.migrations (name, sha256) values (${quote(migration.name)}, ${quote(migration.sha256)});`,
    );
  });
}
