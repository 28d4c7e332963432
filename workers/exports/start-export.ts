import type { Env } from "../env.ts";
import { claimExport } from "./export-rows.ts";

/** Starts a workflow for an export, which supersedes any other worker; false where nothing is left to do. */
export async function startExport(env: Pick<Env, "DB" | "EXPORT_WORKFLOW">, id: string, now: number): Promise<boolean> {
  const number = await claimExport(env.DB, id, now);
  if (number === null) return false;
  await env.EXPORT_WORKFLOW.create({ id: `${id}-${number}`, params: { export_id: id, number } });
  return true;
}
