import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Account, chooseAccount } from "./account.ts";
import { ADMIN_SECRET_PLANS, type AdminSecret, adminSecret, givenToken, previousTokenPlan, secretsOf } from "./admin-secret.ts";
import { createBucket } from "./bucket.ts";
import { type AccountState, checkAccount } from "./check-account.ts";
import { type CloudflareApi, cloudflareApi } from "./cloudflare-api.ts";
import { TOTALS_MIGRATION, copyTotals } from "./copy-totals.ts";
import { createDatabase, queryDatabase } from "./database.ts";
import type { Instance } from "./instance.ts";
import { readLogin } from "./login.ts";
import type { DeployOptions } from "./options.ts";
import { readInstance } from "./read-instance.ts";
import { registerSubdomain } from "./subdomain.ts";
import type { Terminal } from "./terminal.ts";
import { type VersionId, upload } from "./upload.ts";
import { waitForFeeds } from "./wait-for-feeds.ts";
import type { MadeResource, RunWrangler } from "./wrangler.ts";

export interface DeployDependencies {
  readonly terminal: Terminal;
  readonly wrangler: RunWrangler;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Wrangler's own default; it takes the same variable. */
const API = "https://api.cloudflare.com/client/v4";

/**
 * Deploys in steps: looks at everything and asks, creates what is missing, copies what a migration moves, uploads. Each can be repeated, so a run that
 * failed is mended by the next.
 * @returns the exit code: 1 where the Worker was deployed, but not every feed became live in time
 * @throws {Advice} one sentence where it cannot go on
 */
export async function runDeploy(options: DeployOptions, deps: DeployDependencies): Promise<number> {
  const { terminal, wrangler, environment } = deps;
  const instance = readInstance(options.config, options.environment);
  givenToken(environment);
  const login = await readLogin(wrangler);
  const api = cloudflareApi(environment["CLOUDFLARE_API_BASE_URL"] ?? API, login.headers);
  const account = await chooseAccount(api, environment["CLOUDFLARE_ACCOUNT_ID"] ?? instance.accountId, terminal);
  const folder = migrationsFolder(instance, options.config);
  const migrations = readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .toSorted();
  const { location, yes } = options;
  const state = await checkAccount({ api, accountId: account.id, instance, migrations, location, terminal, yes });
  const secret = adminSecret(environment, state.worker);
  printPlan(terminal, { login: login.description, account, instance, state, secret });
  if (options.checkOnly) {
    terminal.print("\nNothing stands in the way, and nothing was changed.");
    return 0;
  }
  terminal.print("");
  const { subdomain, databaseId } = await createMissing(api, account.id, instance, state, terminal);
  const print = (line: string) => terminal.print(line);
  const query = (sql: string) => queryDatabase(api, account.id, databaseId, sql);
  const pieces = await copyTotals(query, readFileSync(join(folder, TOTALS_MIGRATION), "utf8"));
  if (pieces > 0) print(`Copied the stored totals for the migrations, in ${pieces} ${pieces === 1 ? "piece" : "pieces"}.`);
  const secrets = secretsOf(secret);
  const onUpload = () => {
    if (secret.kind === "made")
      print(`\nThe ADMIN_TOKEN, which is shown only here and is valid from this upload on, if it succeeds:\n\n  ${secret.token}\n`);
  };
  const version = await upload({
    wrangler,
    instance,
    configPath: options.config,
    accountId: account.id,
    databaseId,
    made: madeIn(instance, state),
    secrets,
    onUpload,
    print,
  });
  const url = options.url ?? addressOf(instance, subdomain);
  print(url === null ? `Deployed ${instance.name}, which has no address of its own.` : `Deployed ${instance.name} to ${url}`);
  if (url === null || options.waitSeconds === 0) return 0;
  return watchFeeds({ url, version, secret, instance, seconds: options.waitSeconds }, deps);
}

function migrationsFolder({ config }: Instance, configPath: string): string {
  return resolve(dirname(configPath), config.d1_databases.find(({ binding }) => binding === "DB")?.migrations_dir ?? "migrations");
}

interface Plan {
  readonly login: string;
  readonly account: Account;
  readonly instance: Instance;
  readonly state: AccountState;
  readonly secret: AdminSecret;
}

function printPlan({ print }: Terminal, { login, account, instance, state, secret }: Plan): void {
  const created = `to be created in ${state.location}`;
  const previous = previousTokenPlan(secret, state.worker, instance.name);
  const lines = [
    ["Login", login],
    ["Account", `${account.name} (${account.id})`],
    ["Worker", `${instance.name}, ${workerPlan(state)}`],
    ["R2 bucket", `${instance.bucket}, ${state.hasBucket ? "exists" : created}`],
    ["D1 database", `${instance.database.name}, ${state.database === null ? created : "exists"}`],
    ["ADMIN_TOKEN", ADMIN_SECRET_PLANS[secret.kind]],
    ...(previous === null ? [] : [["Former token", previous]]),
    ["Venues", instance.variables.LIQUIDATION_EXCHANGES.join(", ")],
  ];
  for (const [name = "", value = ""] of lines) print(`${name.padEnd(12)} ${value}`);
}

function workerPlan({ worker }: AccountState): string {
  if (worker === null) return "to be created";
  return worker.isOurs ? "to be updated" : "to be replaced";
}

/** @returns the account's workers.dev subdomain and the id of the database */
async function createMissing(api: CloudflareApi, accountId: string, instance: Instance, state: AccountState, terminal: Terminal) {
  const { location } = state;
  const subdomain = state.subdomain ?? (await registerSubdomain(api, accountId, terminal));
  if (!state.hasBucket) {
    terminal.print(`Creating the R2 bucket ${instance.bucket} in ${location} …`);
    await createBucket(api, accountId, instance.bucket, location);
  }
  if (state.database !== null) return { subdomain, databaseId: state.database.uuid };
  terminal.print(`Creating the D1 database ${instance.database.name} in ${location} …`);
  const { uuid } = await createDatabase(api, accountId, instance.database.name, location);
  return { subdomain, databaseId: uuid };
}

/** What `createMissing` creates. */
function madeIn({ bucket, database }: Instance, state: AccountState): readonly MadeResource[] {
  return [
    ...(state.hasBucket ? [] : [{ name: `the R2 bucket ${bucket}`, removal: `npx wrangler r2 bucket delete ${bucket}` }]),
    ...(state.database === null ? [{ name: `the D1 database ${database.name}`, removal: `npx wrangler d1 delete ${database.name}` }] : []),
  ];
}

function addressOf({ name, address }: Instance, subdomain: string): string | null {
  if (address === null) return null;
  return `https://${address.kind === "domain" ? address.host : `${name}.${subdomain}.workers.dev`}`;
}

interface Deployed {
  readonly url: string;
  readonly version: VersionId;
  readonly secret: AdminSecret;
  readonly instance: Instance;
  readonly seconds: number;
}

async function watchFeeds({ url, version, secret, instance, seconds }: Deployed, { terminal, sleep }: DeployDependencies): Promise<number> {
  const print = (line: string) => terminal.print(line);
  const adminToken = "token" in secret ? secret.token : null;
  if (adminToken === null && !instance.variables.PUBLIC_READ) {
    print("PUBLIC_READ is false, so the status needs a key: give this command ADMIN_TOKEN to have it wait for the feeds.");
    return 0;
  }
  print(`Waiting at most ${seconds} s until ${url}/v1/status says that all feeds are live:`);
  if (await waitForFeeds({ url, adminToken, versionId: version, seconds, print, sleep })) {
    print(`All feeds are live. The API is described at ${url}/docs`);
    return 0;
  }
  print(
    'The Worker is deployed and goes on trying, but not every feed is live. A venue that shows "blocked" refuses the place: see "Where the feeds run" in docs/deploy-and-operate.md.',
  );
  return 1;
}
