import { readFileSync, writeFileSync } from "node:fs";
import type { RunWrangler, WranglerResult } from "../../../scripts/deploy/wrangler.ts";
import { d1Migrations } from "../../../scripts/d1-migrations.ts";
import { type AccountStandIn, addWorker } from "./cloudflare-stand-in.ts";

export interface WranglerStandIn {
  readonly run: RunWrangler;
  /** Null where nobody is logged in. */
  login: object | null;
  scopes: readonly string[];
  /** The output with which a command fails, by the command's first word. */
  fails: Readonly<Record<string, string>>;
  /** The output with which `deploy` fails after it uploaded the version with its secrets, such as at the cron trigger. */
  failsAfterUpload: string | null;
  /** The last configuration that was deployed. */
  config: Readonly<Record<string, unknown>> | null;
}

const VERSION = "11111111-1111-4111-8111-111111111111";

/** What wrangler's commands do to the account, without bundling the Worker; `test/e2e/deploy.test.ts` runs the real one. */
export function wranglerStandIn(account: AccountStandIn): WranglerStandIn {
  const wrangler: WranglerStandIn = {
    login: { type: "api_token", token: "token" },
    scopes: ["account:read", "workers:write", "workers_scripts:write", "d1:write"],
    fails: {},
    failsAfterUpload: null,
    config: null,
    run: (args, variables = {}) => {
      const output = wrangler.fails[args[0] ?? ""];
      if (output !== undefined) return Promise.resolve(failed(output));
      return Promise.resolve(answer(account, wrangler, args, variables));
    },
  };
  return wrangler;
}

function succeeded(output: object | null): WranglerResult {
  return { code: 0, stdout: output === null ? "" : `A notice.\n${JSON.stringify(output)}`, stderr: "" };
}

function failed(output: string): WranglerResult {
  return { code: 1, stdout: "", stderr: output };
}

function answer(
  account: AccountStandIn,
  wrangler: WranglerStandIn,
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
): WranglerResult {
  if (args[0] === "auth") return wrangler.login === null ? failed("Not logged in.") : succeeded(wrangler.login);
  if (args[0] === "whoami") return succeeded({ email: "a@example.com", tokenPermissions: wrangler.scopes });
  const config = JSON.parse(readFileSync(optionOf(args, "--config"), "utf8")) as DeployedConfig;
  if (args[0] === "d1") return migrate(account, config);
  wrangler.config = config;
  const deployed = deploy(account, config, args, variables);
  return wrangler.failsAfterUpload === null ? deployed : failed(wrangler.failsAfterUpload);
}

interface DeployedConfig extends Readonly<Record<string, unknown>> {
  readonly name: string;
  readonly account_id: string;
  readonly d1_databases: readonly { readonly database_id: string }[];
  readonly r2_buckets: readonly { readonly bucket_name: string }[];
  readonly workflows: readonly { readonly name: string }[];
}

function optionOf(args: readonly string[], name: string): string {
  return args[args.indexOf(name) + 1] ?? "";
}

function migrate(account: AccountStandIn, { d1_databases: [bound] }: DeployedConfig): WranglerResult {
  const database = [...account.databases.values()].find(({ uuid }) => uuid === bound?.database_id);
  if (database === undefined) return failed("✘ [ERROR] The database could not be found [code: 7404]");
  database.sql.exec("CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE)");
  if (database.sql.prepare("SELECT 1 FROM d1_migrations").get() !== undefined) return succeeded(null);
  for (const { name, sql } of d1Migrations().slice(0, 1)) {
    database.sql.exec(sql);
    database.sql.prepare("INSERT INTO d1_migrations (name) VALUES (?)").run(name);
  }
  return succeeded(null);
}

function deploy(
  account: AccountStandIn,
  { name, workflows, d1_databases, r2_buckets }: DeployedConfig,
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
): WranglerResult {
  if (!account.paid) return failed("✘ [ERROR] CPU limits are not supported for the Free plan. [code: 100328]\n");
  const before = account.workers.get(name);
  const worker = addWorker(account, name, "ExchangeFeed");
  worker.version = VERSION;
  worker.bindings = [
    ...worker.bindings,
    ...d1_databases.map(({ database_id: id }) => ({ type: "d1", name: "DB", id })),
    ...r2_buckets.map(({ bucket_name }) => ({ type: "r2_bucket", name: "BUCKET", bucket_name })),
  ];
  const added = args.includes("--secrets-file") ? readFileSync(optionOf(args, "--secrets-file"), "utf8") : "{}";
  const secrets = { ...Object.fromEntries(before?.secrets ?? []), ...(JSON.parse(added) as Record<string, string>) };
  for (const [secret, value] of Object.entries(secrets)) worker.secrets.set(secret, value);
  for (const workflow of workflows) account.workflows.set(workflow.name, name);
  writeFileSync(variables["WRANGLER_OUTPUT_FILE_PATH"] ?? "", `${JSON.stringify({ type: "deploy", version_id: VERSION })}\n`);
  return succeeded(null);
}
