import * as z from "zod";
import type { Config } from "../../src/config.ts";
import { callSupabase } from "./connection.ts";
import { SupabaseError } from "./problem.ts";

/** Moving or deleting the rows of a month takes longer than a request. */
const UPKEEP_TIMEOUT_MS = 120_000;

/**
 * Creates the partitions of this month, of the coming months, and of past months with rows. Once a day is enough,
 * because rows of a month without a partition are kept in the default one until then.
 * @returns the number of created partitions
 */
export async function maintainPartitions(config: Config): Promise<number> {
  return z.number().parse(await call(config, "liquidation_maintain_partitions", {}));
}

/** Deletes events and analytics older than `keepDays` (at least 1) days; returns the number of rows. */
export async function applyRetention(config: Config, keepDays: number): Promise<{ readonly events: number; readonly analytics: number }> {
  const schema = z.tuple([z.object({ events_removed: z.number(), analytics_removed: z.number() })]);
  const [removed] = schema.parse(await call(config, "liquidation_apply_retention", { keep_days: keepDays }));
  return { events: removed.events_removed, analytics: removed.analytics_removed };
}

async function call(config: Config, name: string, args: Readonly<Record<string, unknown>>): Promise<unknown> {
  const answer = await callSupabase(config, (client) => client.rpc(name, args), UPKEEP_TIMEOUT_MS);
  if (answer.kind === "problem") throw new SupabaseError(answer.problem, name);
  return answer.data;
}
