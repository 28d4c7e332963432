import { createHash } from "node:crypto";
import { basename } from "node:path";
import * as z from "zod";
import { Advice } from "../command-line.ts";
import { type Config, parseConfig } from "../../src/config.ts";

/**
 * One deployment of the Worker with everything of its own: what a configuration of wrangler and the name of an environment
 * come to. Two instances may share an account, but no Worker, database, bucket, Workflow or rate limiter.
 */
export interface Instance {
  /** The name of the Worker. */
  readonly name: string;
  /** The file it was read from, as people call it. */
  readonly fileName: string;
  readonly accountId: string | null;
  readonly database: { readonly name: string; readonly id: string | null };
  readonly bucket: string;
  readonly workflows: readonly string[];
  /** Null where the Worker has neither a workers.dev address nor a domain of its own. */
  readonly address: { readonly kind: "workers.dev" } | { readonly kind: "domain"; readonly host: string } | null;
  /** Its variables, as the Worker will read them. */
  readonly variables: Config;
  /** What wrangler deploys, but for the ids of this account. */
  readonly config: WranglerConfig;
}

/** What a configuration must say; everything else passes through unchanged. */
const wranglerConfig = z.looseObject({
  name: z.string(),
  account_id: z.string().optional(),
  workers_dev: z.boolean().optional(),
  vars: z.record(z.string(), z.unknown()).default({}),
  routes: z.array(z.union([z.string(), z.looseObject({ pattern: z.string(), custom_domain: z.boolean().optional() })])).default([]),
  d1_databases: z.array(
    z.looseObject({
      binding: z.string(),
      database_name: z.string(),
      database_id: z.string().optional(),
      migrations_dir: z.string().optional(),
    }),
  ),
  r2_buckets: z.array(z.looseObject({ binding: z.string(), bucket_name: z.string() })),
  workflows: z.array(z.looseObject({ binding: z.string(), name: z.string() })).default([]),
  ratelimits: z.array(z.looseObject({ name: z.string(), namespace_id: z.string() })).default([]),
});
export type WranglerConfig = z.output<typeof wranglerConfig>;

const environments = z.looseObject({ env: z.record(z.string(), z.looseObject({})).default({}) });

/**
 * @param raw the configuration as an object; @param path its file; @param environment `--env`
 * @throws {Advice} where the configuration lacks what a deployment needs
 * @throws {ConfigError} where a variable of the Worker is not what it may be
 */
export function instanceOf(raw: unknown, path: string, environment: string | null): Instance {
  const fileName = basename(path);
  const config = environment === null ? withoutEnvironments(raw, fileName) : withEnvironment(raw, fileName, environment);
  const database = config.d1_databases.find(({ binding }) => binding === "DB");
  const bucket = config.r2_buckets.find(({ binding }) => binding === "BUCKET");
  if (database === undefined)
    throw new Advice(`The configuration ${fileName} has no D1 database with the binding DB; copy that part of wrangler.toml.`);
  if (bucket === undefined)
    throw new Advice(`The configuration ${fileName} has no R2 bucket with the binding BUCKET; copy that part of wrangler.toml.`);
  return {
    name: config.name,
    fileName,
    accountId: config.account_id ?? null,
    database: { name: database.database_name, id: database.database_id ?? null },
    bucket: bucket.bucket_name,
    workflows: config.workflows.map(({ name }) => name),
    address: addressOf(config),
    variables: parseConfig(config.vars),
    config,
  };
}

/** The configuration that wrangler deploys: with this account's ids, whatever stood there before. */
export function deployedConfig({ config }: Instance, accountId: string, databaseId: string): object {
  return {
    ...config,
    account_id: accountId,
    d1_databases: config.d1_databases.map((database) => (database.binding === "DB" ? { ...database, database_id: databaseId } : database)),
  };
}

function parseWrangler(raw: unknown, fileName: string): WranglerConfig {
  const { data, error } = wranglerConfig.safeParse(raw);
  if (data !== undefined) return data;
  const { path, message } = error.issues[0] ?? { path: [], message: "" };
  throw new Advice(
    `The configuration ${fileName} is not one of this Worker (${path.join(".")}: ${message}); compare it with wrangler.toml.`,
  );
}

function withoutEnvironments(raw: unknown, fileName: string): WranglerConfig {
  const { env: _environments, ...rest } = environments.parse(raw);
  return parseWrangler(rest, fileName);
}

/**
 * An instance beside the one of the file: `[env.NAME]` comes over the file, its variables one by one, and every name that it
 * does not give itself ends in the environment's, as wrangler does for the Worker's own.
 */
function withEnvironment(raw: unknown, fileName: string, environment: string): WranglerConfig {
  const own = environments.parse(raw).env[environment] ?? {};
  const base = withoutEnvironments(raw, fileName);
  const suffixed = (name: string) => `${name}-${environment}`;
  const name = typeof own["name"] === "string" ? own["name"] : suffixed(base.name);
  return parseWrangler(
    {
      ...base,
      name,
      // A domain leads to one Worker, and an id to one database.
      routes: [],
      workflows: base.workflows.map((workflow) => ({ ...workflow, name: suffixed(workflow.name) })),
      d1_databases: base.d1_databases.map(({ database_id: _id, ...database }) => ({
        ...database,
        database_name: suffixed(database.database_name),
      })),
      r2_buckets: base.r2_buckets.map((bucket) => ({ ...bucket, bucket_name: suffixed(bucket.bucket_name) })),
      ratelimits: base.ratelimits.map((limiter) => ({ ...limiter, namespace_id: namespaceId(name, limiter.name) })),
      ...own,
      vars: { ...base.vars, ...z.record(z.string(), z.unknown()).catch({}).parse(own["vars"]) },
    },
    fileName,
  );
}

/** A positive number below 2^31 that follows from the names, since limiters with the same id share their counts. */
function namespaceId(worker: string, limiter: string): string {
  const digest = createHash("sha256").update(`${worker}/${limiter}`).digest();
  return String((digest.readUInt32BE(0) % (2 ** 31 - 1)) + 1);
}

function addressOf({ workers_dev: onWorkersDev, routes }: WranglerConfig): Instance["address"] {
  const domain = routes.find((route) => typeof route !== "string" && route.custom_domain === true);
  // As wrangler decides where the file does not say.
  if (onWorkersDev ?? routes.length === 0) return { kind: "workers.dev" };
  return domain === undefined || typeof domain === "string" ? null : { kind: "domain", host: domain.pattern };
}
