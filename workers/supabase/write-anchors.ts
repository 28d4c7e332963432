import type { Config } from "../../src/config.ts";
import type { DeadLetter } from "../../src/dead-letters.ts";
import type { LedgerAnchor } from "../../src/signals/ledger-anchor.ts";
import { SupabaseError, describeProblem } from "./problem.ts";
import { type UpsertTarget, upsertRows } from "./upsert.ts";

const ANCHORS: UpsertTarget = { table: "liquidation_ledger_anchors", key: "date", keepStored: true };

/**
 * Adds anchors of the ledger; existing ones stay unchanged.
 * @returns the anchors that Supabase refuses for good
 * @throws {SupabaseOffError} where Supabase is not configured
 * @throws {SupabaseError} where the request fails
 */
export async function writeAnchors(config: Config, anchors: readonly LedgerAnchor[], timeoutMs?: number): Promise<readonly DeadLetter[]> {
  const rows = anchors.map((anchor) => ({ ...anchor, anchored_time: new Date(anchor.anchored_time).toISOString() }));
  const { problem, refused } = await upsertRows(config, ANCHORS, rows, timeoutMs);
  if (problem !== null) throw new SupabaseError(problem, ANCHORS.table);
  return refused.map((one) => ({ record: String(one.row["date"]), reason: describeProblem(one.problem, ANCHORS.table) }));
}
