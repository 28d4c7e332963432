import * as z from "zod";
import { Advice } from "../command-line.ts";
import { type CloudflareApi, unlessMissing } from "./cloudflare-api.ts";

const NO_WORKER = 10_007;

const settings = z.object({ bindings: z.array(z.looseObject({ class_name: z.string().optional() })).default([]) });
const secrets = z.array(z.object({ name: z.string() }));
const workflow = z.object({ script_name: z.string() });

/** The Worker of a name in the account. */
export interface ExistingWorker {
  /** Whether it is this project's. */
  readonly isOurs: boolean;
  readonly secrets: readonly string[];
}

/** Null where the account has no Worker of that name. */
export async function findWorker(api: CloudflareApi, accountId: string, name: string): Promise<ExistingWorker | null> {
  const path = `/accounts/${accountId}/workers/scripts/${name}`;
  const found = await unlessMissing(api.get(`${path}/settings`, "Workers Scripts: Edit", settings), [NO_WORKER]);
  if (found === null) return null;
  const names = (await unlessMissing(api.get(`${path}/secrets`, "Workers Scripts: Edit", secrets), [NO_WORKER])) ?? [];
  return {
    isOurs: found.bindings.some(({ class_name: className }) => className === "ExchangeFeed"),
    secrets: names.map((secret) => secret.name),
  };
}

/** @throws {Advice} where a Workflow's name belongs to another Worker of the account */
export async function requireWorkflowName(api: CloudflareApi, accountId: string, workerName: string, name: string): Promise<void> {
  const found = await unlessMissing(api.get(`/accounts/${accountId}/workflows/${name}`, "Workers Scripts: Edit", workflow));
  if (found === null || found.script_name === workerName) return;
  throw new Advice(
    `The Workflow ${name} belongs to the Worker ${found.script_name} of this account; give the one in [[workflows]] another name.`,
  );
}
