import * as z from "zod";
import { Advice } from "../command-line.ts";
import { type CloudflareApi, unlessMissing } from "./cloudflare-api.ts";

const PERMISSION = "Workers Scripts: Edit";
const NO_WORKER = 10_007;

const text = z.string().optional();
const binding = z.looseObject({ type: z.string(), class_name: text, id: text, database_id: text, bucket_name: text });
const settings = z.object({ bindings: z.array(binding).default([]) });
const scripts = z.array(z.object({ id: z.string() }));
const secrets = z.array(z.object({ name: z.string() }));
const workflow = z.object({ script_name: z.string() });

/** The Worker of a name in the account. */
export interface ExistingWorker {
  /** Whether it is this project's. */
  readonly isOurs: boolean;
  readonly secrets: readonly string[];
  readonly stores: BoundStores;
}

/** The stores that a Worker has bindings to. */
export interface BoundStores {
  /** Ids of D1 databases. */
  readonly databases: readonly string[];
  /** Names of R2 buckets. */
  readonly buckets: readonly string[];
}

/** Null where the account has no Worker of that name. */
export async function findWorker(api: CloudflareApi, accountId: string, name: string): Promise<ExistingWorker | null> {
  const bindings = await bindingsOf(api, accountId, name);
  if (bindings === null) return null;
  const path = `/accounts/${accountId}/workers/scripts/${name}/secrets`;
  const names = (await unlessMissing(api.get(path, PERMISSION, secrets), [NO_WORKER])) ?? [];
  return {
    isOurs: bindings.some(({ class_name: className }) => className === "ExchangeFeed"),
    secrets: names.map((secret) => secret.name),
    stores: storesOf(bindings),
  };
}

/** Names of the other Workers of the account that use a store. */
export async function otherUsers(
  api: CloudflareApi,
  accountId: string,
  ownName: string,
  uses: (stores: BoundStores) => boolean,
): Promise<readonly string[]> {
  const found = await api.get(`/accounts/${accountId}/workers/scripts`, PERMISSION, scripts);
  const users: string[] = [];
  for (const { id: name } of found) {
    if (name === ownName) continue;
    if (uses(storesOf((await bindingsOf(api, accountId, name)) ?? []))) users.push(name);
  }
  return users;
}

type Binding = z.output<typeof binding>;

/** Null where the account has no Worker of that name. */
async function bindingsOf(api: CloudflareApi, accountId: string, name: string): Promise<readonly Binding[] | null> {
  const path = `/accounts/${accountId}/workers/scripts/${name}/settings`;
  return (await unlessMissing(api.get(path, PERMISSION, settings), [NO_WORKER]))?.bindings ?? null;
}

function storesOf(bindings: readonly Binding[]): BoundStores {
  const databases = bindings.filter(({ type }) => type === "d1").flatMap(({ id, database_id: other }) => id ?? other ?? []);
  return { databases, buckets: bindings.flatMap(({ bucket_name: name }) => name ?? []) };
}

/** @throws {Advice} where a Workflow's name belongs to another Worker of the account */
export async function requireWorkflowName(api: CloudflareApi, accountId: string, workerName: string, name: string): Promise<void> {
  const found = await unlessMissing(api.get(`/accounts/${accountId}/workflows/${name}`, PERMISSION, workflow));
  if (found === null || found.script_name === workerName) return;
  throw new Advice(
    `The Workflow ${name} belongs to the Worker ${found.script_name} of this account; give the one in [[workflows]] another name.`,
  );
}
