import { feedsLocation } from "../../src/feeds-location.ts";
import { hasBucket, inspectBucket } from "./bucket.ts";
import type { CloudflareApi } from "./cloudflare-api.ts";
import { type Database, findDatabase, inspectDatabase } from "./database.ts";
import { type BoundStores, type ExistingWorker, findWorker, otherUsers, requireWorkflowName } from "./existing-worker.ts";
import type { Instance } from "./instance.ts";
import { findSubdomain } from "./subdomain.ts";
import { type StoreLocation, storeLocation } from "./store-location.ts";
import { type Terminal, requireConsent } from "./terminal.ts";

export interface CheckOptions {
  readonly api: CloudflareApi;
  readonly accountId: string;
  readonly instance: Instance;
  /** The names of the D1 migrations, in their order. */
  readonly migrations: readonly string[];
  /** Null: near the feeds. */
  readonly location: StoreLocation | null;
  readonly terminal: Terminal;
  readonly yes: boolean;
}

/** What the account has and lacks: all that a deployment has to know before it changes anything. */
export interface AccountState {
  /** Null where the account has none yet. */
  readonly subdomain: string | null;
  readonly worker: ExistingWorker | null;
  /** Null where it has to be created. */
  readonly database: Database | null;
  readonly hasBucket: boolean;
  /** Where what is missing is created. */
  readonly location: StoreLocation;
}

/**
 * Looks at everything the deployment touches, and asks before it takes over what belongs to something else. Changes nothing.
 * @throws {Advice} where the account is not ready, or the person declines
 */
export async function checkAccount(options: CheckOptions): Promise<AccountState> {
  const { api, accountId, instance, location } = options;
  const subdomain = await findSubdomain(api, accountId);
  const worker = await findWorker(api, accountId, instance.name);
  if (worker?.isOurs === false) await askToReplaceWorker(options);
  for (const name of instance.workflows) await requireWorkflowName(api, accountId, instance.name, name);
  // R2 before D1, since it is what a new account lacks.
  const bucketExists = await hasBucket(api, accountId, instance.bucket);
  if (bucketExists) await checkBucket(options, worker);
  const database = await chooseDatabase(options);
  if (database !== null) await checkDatabase(options, database, worker);
  return {
    subdomain,
    worker,
    database,
    hasBucket: bucketExists,
    location: location ?? storeLocation(feedsLocation(instance.variables) ?? "apac"),
  };
}

function askToReplaceWorker({ instance, ...rest }: CheckOptions): Promise<void> {
  return requireConsent(rest, {
    fact: `This account already has a Worker ${instance.name}, which is not this project's.`,
    question: "Replace its code?",
    otherwise: `Give the Worker another name in ${instance.fileName}, or use --env`,
  });
}

/** The database of the configuration's id; where this account has no such, the one of its name. */
async function chooseDatabase({ api, accountId, instance, ...rest }: CheckOptions): Promise<Database | null> {
  const { id, name } = instance.database;
  if (id === null) return findDatabase(api, accountId, name);
  const database = await findDatabase(api, accountId, id);
  if (database !== null) return database;
  await requireConsent(rest, {
    fact: `This account has no D1 database with the database_id ${id} of ${instance.fileName}.`,
    question: `Use the database called ${name} instead, and create it where it is missing?`,
    otherwise: "Remove that line, or deploy into the account that has it",
  });
  return findDatabase(api, accountId, name);
}

async function checkDatabase(options: CheckOptions, { uuid, name }: Database, worker: ExistingWorker | null): Promise<void> {
  const { api, accountId, instance, migrations, terminal } = options;
  const contents = await inspectDatabase(api, accountId, uuid, migrations);
  const otherwise = `Give the database another name in ${instance.fileName}, or use --env`;
  if (contents.kind === "other") {
    const tables = `${contents.tables.slice(0, 3).join(", ")}${contents.tables.length > 3 ? ", …" : ""}`;
    const fact = `The D1 database ${name} holds tables of something else (${tables}).`;
    await requireConsent(options, { fact, question: "Add this project's tables to it?", otherwise });
  }
  const inUse = contents.kind === "ours" && contents.inUse;
  const store = { kind: "database", name: `D1 database ${name}`, uses: (stores: BoundStores) => stores.databases.includes(uuid) };
  if (contents.kind !== "other") await askToShare(options, { ...store, inUse, otherwise }, worker);
  if (contents.kind !== "ours") return;
  if (contents.newerMigrations.length > 0) {
    terminal.print(
      `The database has migrations that this version does not know (${contents.newerMigrations.join(", ")}); older code may not run on it, see "Roll back" in docs/deploy-and-operate.md.`,
    );
  }
}

async function checkBucket(options: CheckOptions, worker: ExistingWorker | null): Promise<void> {
  const { api, accountId, instance } = options;
  const contents = await inspectBucket(api, accountId, instance.bucket);
  const otherwise = `Give the bucket another name in ${instance.fileName}, or use --env`;
  if (contents.kind === "other") {
    const fact = `The R2 bucket ${instance.bucket} holds something else (${contents.keys.join(", ")}).`;
    await requireConsent(options, { fact, question: "Add this project's files to it?", otherwise });
  }
  const inUse = contents.kind === "ours";
  const store = {
    kind: "bucket",
    name: `R2 bucket ${instance.bucket}`,
    uses: (stores: BoundStores) => stores.buckets.includes(instance.bucket),
  };
  if (contents.kind !== "other") await askToShare(options, { ...store, inUse, otherwise }, worker);
}

interface SharedStore {
  readonly kind: string;
  readonly name: string;
  readonly uses: (stores: BoundStores) => boolean;
  /** Whether it holds liquidations. */
  readonly inUse: boolean;
  readonly otherwise: string;
}

/** A store that this Worker does not use yet may be another one's, whether the Worker is new or has used another store so far. */
async function askToShare(options: CheckOptions, store: SharedStore, worker: ExistingWorker | null): Promise<void> {
  const { api, accountId, instance } = options;
  const { kind, name, uses, inUse, otherwise } = store;
  const ownWorker = worker?.isOurs === true ? worker : null;
  if (ownWorker !== null && uses(ownWorker.stores)) return;
  const rule = `two Workers must not share a ${kind}`;
  const users = await otherUsers(api, accountId, instance.name, uses);
  if (users.length > 0) {
    const fact = `The ${name} is used by the ${users.length === 1 ? "Worker" : "Workers"} ${users.join(", ")} of this account; ${rule}.`;
    return requireConsent(options, { fact, question: "Use it nevertheless?", otherwise });
  }
  if (!inUse) return;
  const other =
    ownWorker === null
      ? `this account has no Worker ${instance.name} that collected them`
      : `the Worker ${instance.name} uses another ${kind}`;
  const fact = `The ${name} holds liquidations already, but ${other}; ${rule}.`;
  await requireConsent(options, { fact, question: "Does no other Worker use it?", otherwise });
}
