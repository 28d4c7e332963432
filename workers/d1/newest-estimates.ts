import { estimateStep } from "../../src/estimates/estimate-steps.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { HOUR_MS, MINUTE_MS, ceilTo, floorTo } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { type EstimateReach, type EstimatedRange, readEstimateReach, readEstimatesTo } from "./estimate-reads.ts";

/** Minutes settle within a quarter of an hour; an older estimate would be taken for one of now. */
const MAX_BEHIND_MS = 30 * MINUTE_MS;

export interface NewestQuery {
  readonly symbol: string;
  /**
   * What the estimate is compared with. Its own range is as long, and ends with the last settled minute before its end. Where it begins
   * before the minutes that are kept, it begins at the next full hour.
   */
  readonly range: TimeRange;
  /** The venues that publish liquidations. */
  readonly exchanges: readonly ExchangeName[];
}

/**
 * The estimate of one base asset over the newest whole minutes that are settled, as many as a range is long: of its very end
 * liquidations may still arrive. Everything is withheld where none is settled, or none lately.
 */
export async function readNewestEstimates(db: D1Database, query: NewestQuery): Promise<EstimatedRange> {
  return readNewestWithin(db, query, await readEstimateReach(db));
}

/** The same for a reach that was read already. */
export async function readNewestWithin(
  db: D1Database,
  { symbol, range, exchanges }: NewestQuery,
  reach: EstimateReach | null,
): Promise<EstimatedRange> {
  const last = floorTo(range.end, MINUTE_MS);
  const end = Math.min(last, floorTo(reach?.settled ?? 0, MINUTE_MS));
  const withheldFor = (reason: string): EstimatedRange => ({
    ...estimateStep(range, { entries: [], gaps: [], lost: [{ ...range, reason }], exchanges }),
    range: null,
  });
  if (reach !== null && last - end > MAX_BEHIND_MS)
    return withheldFor(`no minute after ${new Date(end).toISOString()} has been estimated yet`);
  if (reach === null) return readEstimatesTo(db, { range, symbols: [symbol], exchanges }, reach);
  const start = end - floorTo(range.end - range.start, MINUTE_MS);
  // Of times whose minutes are deleted only whole hours are left.
  const from = start < reach.minutesFrom ? ceilTo(start, HOUR_MS) : start;
  const estimated = await readEstimatesTo(db, { range: { start: from, end }, symbols: [symbol], exchanges }, reach);
  // The last minutes may be lost.
  const known = estimated.range?.end ?? end;
  return last - known > MAX_BEHIND_MS ? withheldFor(`no minute after ${new Date(known).toISOString()} could be estimated`) : estimated;
}
