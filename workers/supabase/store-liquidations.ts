import type { Config } from "../../src/config.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import type { RefusedRow, SinkOutcome } from "../../src/sink.ts";
import { refusalOf } from "../d1/liquidation-columns.ts";
import { toRow } from "./liquidation-row.ts";
import { describeProblem } from "./problem.ts";
import { upsertRows } from "./upsert.ts";
import type { UpsertTarget } from "./upsert.ts";

const EVENTS: UpsertTarget = { table: "liquidation_events", key: "event_id,event_time", keepStored: true };

/** Stores liquidations once each, whatever was stored before. */
export async function storeLiquidations(config: Config, rows: readonly Liquidation[], timeoutMs?: number): Promise<SinkOutcome> {
  const refused: RefusedRow[] = [];
  const sendable: Liquidation[] = [];
  for (const row of rows) {
    const reason = refusalOf(row) ?? timeRefusal(row);
    if (reason === null) sendable.push(row);
    else refused.push({ eventId: row.event_id, reason });
  }
  const outcome = await upsertRows(config, EVENTS, sendable.map(toRow), timeoutMs);
  if (outcome.problem !== null) {
    return { kind: "failed", error: describeProblem(outcome.problem, EVENTS.table), retryAfterMs: outcome.problem.retryAfterMs };
  }
  for (const { row, problem } of outcome.refused) {
    refused.push({ eventId: String(row["event_id"]), reason: describeProblem(problem, EVENTS.table) });
  }
  return { kind: "stored", refused };
}

/** Beyond this a Date holds no time, ms. https://tc39.es/ecma262/#sec-time-values-and-time-range */
const LAST_TIME = 8.64e15;

function timeRefusal({ event_time, received_time }: Liquidation): string | null {
  const bad = [event_time, received_time].find((time) => Math.abs(time) > LAST_TIME);
  return bad === undefined ? null : `${bad} ms is no date`;
}
