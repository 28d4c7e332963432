import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { emptyDatabase } from "../../../scripts/supabase/empty-database.ts";
import { ROLES } from "../../../scripts/supabase/embedded.ts";
import { freePort } from "../../../scripts/supabase/free-port.ts";
import { migrate } from "../../../scripts/supabase/migrate.ts";
import { pendingMigrations, readMigrations } from "../../../scripts/supabase/migrations.ts";

let database: PGlite;
let server: PGLiteSocketServer;
let databaseUrl: string;

beforeAll(async () => {
  database = await emptyDatabase();
  const port = await freePort();
  server = new PGLiteSocketServer({ db: database, port, maxConnections: 10 });
  await server.start();
  databaseUrl = `postgres://postgres:s3cret-pass@127.0.0.1:${port}/postgres`;
  await database.exec(ROLES);
});
afterAll(async () => {
  await server.stop();
  await database.close();
});
afterEach(() => database.exec("drop schema public cascade; create schema public; drop schema if exists liquidation_internal cascade"));

async function run(confirmed = true): Promise<{ readonly applied: readonly string[]; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const applied = await migrate({ databaseUrl, confirm: () => Promise.resolve(confirmed), print: (line) => lines.push(line) });
  return { applied, lines };
}

const names = async (): Promise<readonly string[]> => (await readMigrations()).map((migration) => migration.name);

async function tableCount(): Promise<unknown> {
  return (await database.query<{ count: number }>("select count(*)::int as count from pg_tables where schemaname = 'public'")).rows[0]
    ?.count;
}

describe("migrate", () => {
  test("shows every migration before it asks, and changes nothing where the answer is no", async () => {
    const { applied, lines } = await run(false);
    expect(applied).toEqual([]);
    for (const name of await names()) expect(lines.join("\n")).toContain(`will apply ${name}: `);
    expect(await tableCount()).toBe(0);
  });

  test("applies all to an empty project, records them, and has nothing to do the next time", async () => {
    expect((await run()).applied).toEqual(await names());
    expect(await tableCount()).toBe(5);
    const second = await run();
    expect(second.applied).toEqual([]);
    const count = (await names()).length;
    expect(second.lines).toEqual([expect.stringMatching(new RegExp(`: ${count} of ${count} migrations applied$`))]);
  });

  test("is safe where the files were applied by hand before", async () => {
    for (const migration of await readMigrations()) await database.exec(migration.sql);
    expect((await run()).applied).toEqual(await names());
  });

  test("undoes a migration that fails, names it, and goes on from there the next time", async () => {
    await database.exec("create view liquidation_signals as select 1 as one");
    await expect(run()).rejects.toThrow(/0004_liquidation_signals.sql failed and was rolled back/);
    await database.exec("drop view liquidation_signals");
    expect((await run()).applied).toEqual((await names()).slice(3));
  });

  test("refuses to go on where an applied file was edited", async () => {
    const all = await readMigrations();
    const applied = all.map(({ name }) => ({ name, sha256: "other" }));
    expect(() => pendingMigrations(all, applied)).toThrow(/0001_liquidation_events.sql was edited after it was applied/);
  });
});

const COMMAND = join(import.meta.dirname, "../../../scripts/supabase/migrate.ts");

interface Ended {
  readonly code: number;
  readonly text: string;
}

/** Runs the command as a person does, without a terminal. */
function command(...args: readonly string[]): Promise<Ended> {
  return promisify(execFile)(process.execPath, [COMMAND, ...args], { env: { PATH: process.env["PATH"] } }).then(
    ({ stdout, stderr }) => ({ code: 0, text: stdout + stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({ code: error.code, text: error.stdout + error.stderr }),
  );
}

describe("the command", () => {
  test("without --yes and a terminal shows the plan only; with it applies", async () => {
    const plan = await command("--database-url", databaseUrl);
    expect(plan).toEqual({ code: 1, text: expect.stringMatching(/will apply 0001_liquidation_events\.sql[\s\S]*--yes/) });
    expect(await tableCount()).toBe(0);
    const applied = await command("--database-url", databaseUrl, "--yes");
    expect(applied).toEqual({ code: 0, text: expect.stringContaining("applied 0006_retention.sql") });
    expect(plan.text + applied.text).not.toContain("s3cret-pass");
  });

  test("explains itself where no database is named", async () => {
    expect(await command()).toEqual({ code: 2, text: expect.stringContaining("SUPABASE_DATABASE_URL") });
  });

  test("says what is wrong with the connection and does not show the password", async () => {
    const refused = await command("--database-url", `postgres://u:s3cret-pass@127.0.0.1:${await freePort()}/postgres`, "--yes");
    expect(refused).toEqual({ code: 1, text: expect.stringContaining("nothing listens on this host and port") });
    const malformed = await command("--database-url", "https://u:s3cret-pass@example.com", "--yes");
    expect(malformed).toEqual({ code: 1, text: expect.stringContaining("must look like postgres://") });
    const clear = await command("--database-url", "postgres://u:s3cret-pass@db.example.com/postgres?sslmode=prefer", "--yes");
    expect(clear).toEqual({ code: 1, text: expect.stringContaining("require, verify-ca, verify-full") });
    expect(refused.text + malformed.text + clear.text).not.toContain("s3cret-pass");
  });
});
