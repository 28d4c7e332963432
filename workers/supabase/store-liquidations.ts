import type { Config } from "../../src/config.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import type { SinkOutcome } from "../../src/sink.ts";
import { toRow } from "./liquidation-row.ts";
import { describeProblem } from "./problem.ts";
import { upsertRows } from "./upsert.ts";
import type { UpsertTarget } from "./upsert.ts";

const EVENTS: UpsertTarget = { table: "liquidation_events", key: "event_id,event_time", keepStored: true };

/**
 * Stores each liquidation once, whatever was stored before.
 * @param rows the output of `storableRows`
 */
export async function storeLiquidations(config: Config, rows: readonly Liquidation[], timeoutMs?: number): Promise<SinkOutcome> {
  const outcome = await upsertRows(config, EVENTS, rows.map(toRow), timeoutMs);
  if (outcome.problem !== null) {
    return { kind: "failed", error: describeProblem(outcome.problem, EVENTS.table), retryAfterMs: outcome.problem.retryAfterMs };
  }
  const refused = outcome.refused.map(({ row, problem }) => ({
    eventId: String(row["event_id"]),
    reason: describeProblem(problem, EVENTS.table),
  }));
  return { kind: "stored", refused };
}
