import { estimateTimes } from "../../src/estimates/estimate-by-side.ts";
import type { Estimate } from "../../src/estimates/estimate.ts";
import type { CascadeRecord } from "../../src/cascade/cascade-record.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { MINUTE_MS, ceilTo, floorTo } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { readEstimates } from "./estimate-reads.ts";

/** What the liquidations of a cascade's base asset and side are estimated to come to over the whole minutes in which it ran. */
export interface CascadeEstimate {
  /** The settled minutes that it is of, ms; null where none is settled, or where one could not be estimated: then it is withheld. */
  readonly start_time: number | null;
  readonly end_time: number | null;
  readonly total: Estimate;
  /** Time at which it was stored with the cascade, ms; null where it is still read from minutes. */
  readonly stored_time: number | null;
  /**
   * SHA-256 of the fit whose parameters all its minutes were estimated with; null until it is stored, and where there was none or a
   * newer one came meanwhile.
   */
  readonly fit_hash: string | null;
}

export type EstimatedCascade = Pick<CascadeRecord, "cascade_id" | "symbol" | "position_side" | "start_time" | "end_time">;

/** The whole minutes in which a cascade ran, up to the present where it runs. */
export function minutesOf({ start_time: start, end_time: end }: Pick<EstimatedCascade, "start_time" | "end_time">, now: number): TimeRange {
  return { start: floorTo(start, MINUTE_MS), end: ceilTo((end ?? now) + 1, MINUTE_MS) };
}

/** The estimate of a cascade's minutes, from their blocks: of a part of them it would stand for the cascade's. */
export async function estimateOfMinutes(
  db: D1Database,
  { symbol, position_side: side }: EstimatedCascade,
  range: TimeRange,
  exchanges: readonly ExchangeName[],
): Promise<CascadeEstimate> {
  const estimated = await readEstimates(db, { range, symbols: [symbol], exchanges, side, isWhole: true });
  return { ...estimateTimes(estimated.range), total: estimated.total, stored_time: null, fit_hash: null };
}

/** The estimate of a cascade: the stored one, or else that of its minutes. */
export async function cascadeEstimate(
  db: D1Database,
  cascade: EstimatedCascade,
  now: number,
  exchanges: readonly ExchangeName[],
): Promise<CascadeEstimate> {
  const range = minutesOf(cascade, now);
  const text = await db
    .prepare("SELECT estimate FROM cascades WHERE cascade_id = ?1")
    .bind(cascade.cascade_id)
    .first<string | null>("estimate");
  const stored = text === null ? null : (JSON.parse(text) as CascadeEstimate);
  return stored !== null && isOf(stored, range) ? stored : estimateOfMinutes(db, cascade, range, exchanges);
}

/** Whether a stored estimate is of these minutes: a cascade that was written again since may have others. A withheld one has none. */
function isOf({ start_time: start, end_time: end }: CascadeEstimate, range: TimeRange): boolean {
  return (start === null && end === null) || (start === range.start && end === range.end);
}

const ENDED = `
  SELECT cascade_id, symbol, position_side, start_time, end_time FROM cascades INDEXED BY cascades_without_estimate
  WHERE estimate IS NULL AND end_time < ?1 ORDER BY end_time LIMIT ?2`;

/** The cascades without a stored estimate that ended before a time, oldest first. */
export async function cascadesWithoutEstimate(db: D1Database, endedBefore: number, limit: number): Promise<readonly EstimatedCascade[]> {
  return (await db.prepare(ENDED).bind(endedBefore, limit).all<EstimatedCascade>()).results;
}

/** Stores the estimate with its cascade. */
export async function storeCascadeEstimate(db: D1Database, id: string, estimate: CascadeEstimate): Promise<void> {
  await db.prepare("UPDATE cascades SET estimate = ?2 WHERE cascade_id = ?1").bind(id, JSON.stringify(estimate)).run();
}
