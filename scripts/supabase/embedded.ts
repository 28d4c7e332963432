import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import postgres from "postgres";
import type { Sql } from "postgres";
import { emptyDatabase } from "./empty-database.ts";
import { freePort } from "./free-port.ts";
import { openGateway } from "./gateway.ts";
import type { Fault, GatewayKeys } from "./gateway.ts";
import { signRoleToken } from "./jwt.ts";
import { applyMigration, pendingMigrations, readApplied, readMigrations } from "./migrations.ts";
import { startPostgrest } from "./postgrest.ts";

export interface EmbeddedSupabase {
  /** The value for SUPABASE_URL. */
  readonly url: string;
  /** A new-style key, and the legacy tokens of the three roles. */
  readonly secretKey: string;
  readonly publishableKey: string;
  readonly serviceRoleKey: string;
  readonly anonKey: string;
  readonly authenticatedToken: string;
  /** Connection string for Postgres clients; password and TLS are not checked. */
  readonly databaseUrl: string;
  /** The rows of the last statement, run as the owner of the database. */
  query(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** Refuses HTTP connections until `resume`; the database keeps running. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  fail(fault: Fault | null): void;
  /** Number of HTTP requests so far. */
  requests(): number;
  /** Call it after tables or columns have changed. */
  reloadSchema(): Promise<void>;
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Folder of the database; null keeps it in memory. */
  readonly dataDir: string | null;
  /** HTTP port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
}

/** The roles that every Supabase project has. */
export const ROLES = `do $$ begin
  if to_regrole('anon') is null then create role anon nologin; end if;
  if to_regrole('authenticated') is null then create role authenticated nologin; end if;
  if to_regrole('service_role') is null then create role service_role nologin bypassrls; end if;
end $$`;

const YEAR_SECONDS = 365 * 86_400;

function makeKeys(jwtSecret: string): GatewayKeys & { readonly authenticatedToken: string } {
  const expires = Math.floor(Date.now() / 1000) + YEAR_SECONDS;
  return {
    secretKey: `sb_secret_${randomBytes(24).toString("base64url")}`,
    publishableKey: `sb_publishable_${randomBytes(24).toString("base64url")}`,
    serviceRoleToken: signRoleToken("service_role", jwtSecret, expires),
    anonToken: signRoleToken("anon", jwtSecret, expires),
    authenticatedToken: signRoleToken("authenticated", jwtSecret, expires),
  };
}

async function openDatabase(dataDir: string | null): Promise<PGlite> {
  if (dataDir === null) return emptyDatabase();
  const folder = join(dataDir, "postgres");
  await mkdir(folder, { recursive: true });
  return PGlite.create(folder);
}

async function prepareSchema(sql: Sql): Promise<void> {
  await sql.unsafe(ROLES);
  for (const migration of pendingMigrations(await readMigrations(), await readApplied(sql))) await applyMigration(sql, migration);
}

/** Calls all functions in turn, and then throws the first error. */
async function runAll(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps) await step().catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw errors[0];
}

/**
 * A Supabase project on this machine: PGlite behind the real PostgREST, served under `/rest/v1` with Supabase's keys
 * and all migrations applied. Only one process may have a data folder open at a time.
 */
export async function startSupabase({ dataDir, port }: EmbeddedOptions): Promise<EmbeddedSupabase> {
  const closing: (() => Promise<unknown>)[] = [];
  const stop = (): Promise<void> => runAll(closing.splice(0).toReversed());
  try {
    const database = await openDatabase(dataDir);
    closing.push(() => database.close());
    const databasePort = await freePort();
    const server = new PGLiteSocketServer({ db: database, host: "127.0.0.1", port: databasePort, maxConnections: 20 });
    await server.start();
    closing.push(() => server.stop());
    const databaseUrl = `postgres://postgres@127.0.0.1:${databasePort}/postgres`;
    // Statements go through the socket too: its queue keeps them out of PostgREST's transactions.
    const sql = postgres(databaseUrl, { max: 1, prepare: false, fetch_types: false, onnotice: () => undefined });
    closing.push(() => sql.end({ timeout: 5 }));
    await prepareSchema(sql);

    const jwtSecret = randomBytes(32).toString("hex");
    const keys = makeKeys(jwtSecret);
    const postgrest = await startPostgrest(databaseUrl, jwtSecret);
    closing.push(postgrest.stop);
    const gateway = await openGateway(port ?? (await freePort()), postgrest.port, keys);
    closing.push(gateway.close);
    return {
      url: gateway.url,
      secretKey: keys.secretKey,
      publishableKey: keys.publishableKey,
      serviceRoleKey: keys.serviceRoleToken,
      anonKey: keys.anonToken,
      authenticatedToken: keys.authenticatedToken,
      databaseUrl,
      query: async (text) => [...(await sql.unsafe(text))],
      pause: gateway.close,
      resume: gateway.reopen,
      fail: gateway.fail,
      requests: gateway.requests,
      reloadSchema: postgrest.reloadSchema,
      stop,
    };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}
