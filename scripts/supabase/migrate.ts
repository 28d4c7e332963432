import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import postgres from "postgres";
import type { Sql } from "postgres";
import { applyMigration, pendingMigrations, readApplied, readMigrations } from "./migrations.ts";
import type { Migration } from "./migrations.ts";
import { messageOf } from "../../src/message-of.ts";
import { isLoopbackHost } from "../../src/secure-address.ts";

const USAGE = `Applies the migrations in migrations/supabase to a Supabase project, each of them once.

  npm run supabase:migrate -- [--database-url postgres://...] [--yes]

  --database-url  the project's connection string (dashboard, Connect). Default: SUPABASE_DATABASE_URL, which keeps
                  the password out of the shell history
  --yes           apply without asking`;

export interface MigrateOptions {
  readonly databaseUrl: string;
  /** Called once, after the plan is printed; nothing is changed where it returns false. */
  readonly confirm: () => Promise<boolean>;
  readonly print: (line: string) => void;
}

/** Explanations of the most common errors: host, password, network. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOTFOUND: "the host is unknown; check the connection string",
  ECONNREFUSED: "nothing listens on this host and port",
  CONNECT_TIMEOUT: "the host does not respond; a direct connection needs IPv6, a connection through the pooler does not",
  "28P01": "the password is wrong",
  "28000": "the user is unknown",
  "3D000": "the database does not exist",
  "42704": "a role is missing; the database must be a Supabase project with the roles anon, authenticated and service_role",
};

/** Describes an error, without the connection string. */
export function describeDatabaseError(error: unknown): string {
  const message = messageOf(error);
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  const advice = ADVICE[code];
  return advice === undefined ? message : `${advice} (${message})`;
}

/** The values of `sslmode` that never fall back to a connection in the clear. */
const ENCRYPTED_MODES: ReadonlySet<string> = new Set(["require", "verify-ca", "verify-full"]);

/**
 * @throws {Error} where the text is not the URL of a Postgres database, or would send its password in the clear; the text
 *   holds a password and is not repeated
 */
function parseDatabaseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["postgres:", "postgresql:"].includes(url.protocol) || url.hostname === "") {
    throw new Error(
      "The database URL must look like postgres://user:password@host:port/database, with special characters percent-encoded.",
    );
  }
  const mode = url.searchParams.get("sslmode") ?? url.searchParams.get("ssl");
  if (!isLoopbackHost(url.hostname) && mode !== null && !ENCRYPTED_MODES.has(mode)) {
    throw new Error(
      `The database URL has sslmode ${mode}, which may send the password in the clear; allowed beyond this machine: ${[...ENCRYPTED_MODES].join(", ")}.`,
    );
  }
  return url;
}

function connect(url: URL): Sql {
  // Supabase's certificate is signed by its own authority, so the connection is encrypted but not verified, as with
  // psql.
  const tls = isLoopbackHost(url.hostname) || url.searchParams.has("sslmode") ? {} : { ssl: "require" as const };
  return postgres(url.href, { ...tls, max: 1, prepare: false, fetch_types: false, connect_timeout: 15, onnotice: () => undefined });
}

async function applyPending(sql: Sql, pending: readonly Migration[], print: (line: string) => void): Promise<void> {
  for (const migration of pending) {
    await applyMigration(sql, migration).catch((error: unknown) => {
      throw new Error(`${migration.name} failed and was rolled back: ${describeDatabaseError(error)}`, { cause: error });
    });
    print(`applied ${migration.name}`);
  }
}

/**
 * Applies all pending migrations.
 * @returns the names of the applied migrations
 */
export async function migrate({ databaseUrl, confirm, print }: MigrateOptions): Promise<readonly string[]> {
  const url = parseDatabaseUrl(databaseUrl);
  const sql = connect(url);
  try {
    const all = await readMigrations();
    const pending = pendingMigrations(all, await readApplied(sql));
    print(`${url.hostname}${url.pathname}: ${all.length - pending.length} of ${all.length} migrations applied`);
    if (pending.length === 0) return [];
    for (const { name, summary } of pending) print(`  will apply ${name}: ${summary}`);
    if (!(await confirm())) {
      print("Nothing was changed.");
      return [];
    }
    await applyPending(sql, pending, print);
    return pending.map(({ name }) => name);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function askOnTerminal(): Promise<boolean> {
  if (!process.stdin.isTTY) {
    console.log("Run again with --yes to apply.");
    process.exitCode = 1;
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question("Apply? [y/N] ");
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { "database-url": { type: "string" }, yes: { type: "boolean" }, help: { type: "boolean" } },
  });
  const databaseUrl = values["database-url"] ?? process.env["SUPABASE_DATABASE_URL"];
  if (values.help === true || databaseUrl === undefined) {
    console.log(USAGE);
    if (values.help !== true) process.exitCode = 2;
    return;
  }
  const confirm = values.yes === true ? () => Promise.resolve(true) : askOnTerminal;
  await migrate({ databaseUrl, confirm, print: (line) => console.log(line) });
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(`supabase:migrate: ${describeDatabaseError(error)}`);
    process.exitCode = 1;
  }
}
