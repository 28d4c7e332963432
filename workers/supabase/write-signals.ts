import type { Config } from "../../src/config.ts";
import { FORECAST_FIELDS, type SignalRecord } from "../../src/signals/ledger.ts";
import type { DeadLetter } from "../../src/dead-letters.ts";
import { SupabaseError, describeProblem } from "./problem.ts";
import { type UpsertTarget, upsertRows } from "./upsert.ts";

const SIGNALS: UpsertTarget = { table: "liquidation_signals", key: "signal_id", keepStored: true };

/** Rows of one request need the same columns; records of earlier versions lack these fields. */
const NO_FORECAST = Object.fromEntries(FORECAST_FIELDS.map((name) => [name, null]));

/**
 * Adds records of the ledger; existing ones stay unchanged.
 * @returns the records that Supabase refuses for good
 * @throws {SupabaseOffError} where Supabase is not configured
 * @throws {SupabaseError} where the request fails
 */
export async function writeSignals(config: Config, records: readonly SignalRecord[], timeoutMs?: number): Promise<readonly DeadLetter[]> {
  const rows = records.map((record) => ({
    ...NO_FORECAST,
    ...record,
    created_time: new Date(record.created_time).toISOString(),
    minute: new Date(record.minute).toISOString(),
  }));
  const { problem, refused } = await upsertRows(config, SIGNALS, rows, timeoutMs);
  if (problem !== null) throw new SupabaseError(problem, SIGNALS.table);
  return refused.map((one) => ({ record: String(one.row["signal_id"]), reason: describeProblem(one.problem, SIGNALS.table) }));
}
