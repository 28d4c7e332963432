import type { Config } from "../../src/config.ts";
import type { SignalRecord } from "../../src/signals/ledger.ts";
import { SupabaseError } from "./problem.ts";
import { type UpsertTarget, upsertRows } from "./upsert.ts";

const SIGNALS: UpsertTarget = { table: "liquidation_signals", key: "signal_id", keepStored: true };

/**
 * Adds records of the ledger; those that are there already stay as they are.
 * @throws {SupabaseOffError} where Supabase is not configured
 * @throws {SupabaseError} where it fails or refuses a record
 */
export async function writeSignals(config: Config, records: readonly SignalRecord[], timeoutMs?: number): Promise<void> {
  const rows = records.map((record) => ({
    ...record,
    created_time: new Date(record.created_time).toISOString(),
    minute: new Date(record.minute).toISOString(),
  }));
  const { problem, refused } = await upsertRows(config, SIGNALS, rows, timeoutMs);
  const first = problem ?? refused[0]?.problem;
  if (first !== undefined) throw new SupabaseError(first, SIGNALS.table);
}
