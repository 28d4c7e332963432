import * as z from "zod";
import { ApiError, type CloudflareApi, unlessMissing } from "./cloudflare-api.ts";
import type { StoreLocation } from "./store-location.ts";

const NOT_FOUND = 7404;

const database = z.object({ uuid: z.string(), name: z.string() });
export type Database = z.output<typeof database>;

/** A database by its id or its name; null where the account has none such. */
export function findDatabase(api: CloudflareApi, accountId: string, idOrName: string): Promise<Database | null> {
  const path = `/accounts/${accountId}/d1/database/${encodeURIComponent(idOrName)}`;
  return unlessMissing(api.get(path, "D1: Edit", database), [NOT_FOUND]);
}

export function createDatabase(api: CloudflareApi, accountId: string, name: string, location: StoreLocation): Promise<Database> {
  return api.post(`/accounts/${accountId}/d1/database`, "D1: Edit", { name, primary_location_hint: location }, database);
}

/**
 * `empty`: no table but wrangler's own. `ours`: the tables of this project, whose collector has stored something (`inUse`)
 * or not yet. `other`: tables of somebody else.
 */
export type DatabaseContents =
  | { readonly kind: "empty" }
  | { readonly kind: "ours"; readonly inUse: boolean; readonly newerMigrations: readonly string[] }
  | { readonly kind: "other"; readonly tables: readonly string[] };

/** @param migrations the names of this project's migrations, in their order */
export async function inspectDatabase(
  api: CloudflareApi,
  accountId: string,
  id: string,
  migrations: readonly string[],
): Promise<DatabaseContents> {
  const query = (sql: string) => queryDatabase(api, accountId, id, sql);
  const names = await query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
  const tables = names.map(({ name }) => String(name)).filter((name) => !/^(sqlite_|_cf_)/.test(name));
  const applied = tables.includes("d1_migrations")
    ? (await query("SELECT name FROM d1_migrations ORDER BY id")).map((row) => String(row["name"]))
    : [];
  const own = tables.filter((name) => name !== "d1_migrations");
  if (own.length === 0) return { kind: "empty" };
  const [first = ""] = migrations;
  if (!applied.includes(first)) return { kind: "other", tables: own };
  const [stored] = await query("SELECT EXISTS (SELECT 1 FROM liquidations) OR EXISTS (SELECT 1 FROM gaps) AS in_use");
  return { kind: "ours", inUse: stored?.["in_use"] === 1, newerMigrations: applied.filter((name) => !migrations.includes(name)) };
}

const answers = z.array(z.object({ results: z.array(z.record(z.string(), z.unknown())).default([]) }));

/** The rows of the first of one or more statements, which D1 runs as one transaction. */
export async function queryDatabase(api: CloudflareApi, accountId: string, id: string, sql: string) {
  const [answer] = await api.post(`/accounts/${accountId}/d1/database/${id}/query`, "D1: Edit", { sql }, answers);
  if (answer === undefined) throw new ApiError(`The D1 database ${id} did not respond to a query.`, 200, 0);
  return answer.results;
}
