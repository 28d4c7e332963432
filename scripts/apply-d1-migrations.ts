import type { D1Database } from "@cloudflare/workers-types";
import { unstable_splitSqlQuery } from "wrangler";
import { d1Migrations } from "./d1-migrations.ts";

const TABLE = `CREATE TABLE IF NOT EXISTS d1_migrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`;

/**
 * Applies the migrations that a local database lacks, each whole or not at all, and remembers them where wrangler does.
 * `wrangler d1 migrations apply --local` does the same, but starts a runtime for each file.
 */
export async function applyD1Migrations(db: D1Database): Promise<void> {
  await db.prepare(TABLE).run();
  const { results } = await db.prepare("SELECT name FROM d1_migrations").all<{ readonly name: string }>();
  const applied = new Set(results.map(({ name }) => name));
  for (const { name, sql } of d1Migrations()) {
    if (applied.has(name)) continue;
    const statements = unstable_splitSqlQuery(sql).map((statement) => db.prepare(statement));
    await db.batch([...statements, db.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name)]);
  }
}
