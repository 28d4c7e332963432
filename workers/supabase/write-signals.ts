import type { Config } from "../../src/config.ts";
import type { SignalRecord } from "../../src/signals/ledger.ts";
import { SupabaseError } from "./problem.ts";
import { type UpsertTarget, upsertRows } from "./upsert.ts";

const SIGNALS: UpsertTarget = { table: "liquidation_signals", key: "signal_id", keepStored: true };

/**
 * Adds records of the ledger; existing ones stay unchanged.
 * @throws {SupabaseOffError} where Supabase is not configured
 * @throws {SupabaseError} where the request fails or a record is rejected
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
