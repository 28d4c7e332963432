import type { Env } from "../env.ts";
import { claimExport } from "./export-rows.ts";

/** Has a workflow make an export, whoever worked on it before; false where there is nothing left to make. */
export async function startExport(env: Pick<Env, "DB" | "EXPORT_WORKFLOW">, id: string, now: number): Promise<boolean> {
  const number = await claimExport(env.DB, id, now);
  if (number === null) return false;
  await env.EXPORT_WORKFLOW.create({ id: `${id}-${number}`, params: { export_id: id, number } });
  return true;
}
