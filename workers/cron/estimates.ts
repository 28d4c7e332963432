import { CONTEXT_MS, estimateMinutes } from "../../src/estimates/estimate-minutes.ts";
import { type TapeRow, venueTapes } from "../../src/estimates/tape.ts";
import { venueThrottle } from "../../src/estimates/venue-throttle.ts";
import { FLOW_USD_SQL } from "../../src/flow-usd.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { HOURS_KEPT_MS, MINUTES_KEPT_MS } from "../../src/windows/kept.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { readFits } from "../d1/estimate-fits.ts";
import { type EstimateReach, readEstimateReach } from "../d1/estimate-reads.ts";
import { gapsInRange, gapsOf } from "../d1/gap-reads.ts";
import { deleteEstimateBlocks, sumEstimateBlocks, writeMinuteEstimates } from "../d1/estimate-writes.ts";

/** Events of a minute arrive until this long after it, and so do those around it that the estimate needs. */
const SETTLED_AFTER_MS = CONTEXT_MS;
/** Minutes are estimated so many at once: the fewer, the more often the events around them are read. */
const STEP_MS = 5 * MINUTE_MS;
const MAX_RUN_MS = HOUR_MS;
/** An hour is estimated once more before it is summed: by then late events have arrived. */
const LATE_MS = 15 * MINUTE_MS;

export interface EstimatesRecord {
  /** Number of minutes estimated. */
  readonly minutes: number;
  /** Number of them whose events were gone. */
  readonly lost: number;
  readonly hours: number;
}

/** Writes the estimates of minutes that are settled, and sums them into hours and days. Repeating a run changes nothing. */
export async function estimates(db: D1Database, scheduledTime: number): Promise<EstimatesRecord> {
  const settled = floorTo(scheduledTime - SETTLED_AFTER_MS, STEP_MS);
  const reach = await readEstimateReach(db);
  const from = reach?.settled ?? settled - STEP_MS;
  const range = { start: from, end: Math.min(settled, from + MAX_RUN_MS) };
  if (range.start >= range.end) return { minutes: 0, lost: 0, hours: 0 };
  const hotFrom = ((await db.prepare("SELECT from_time FROM hot_events").first<number>("from_time")) ?? 0) + CONTEXT_MS;
  const lost = await writeRange(db, range, { from: reach?.from ?? from, hotFrom });
  const hours = reach === null ? 0 : await sumHours(db, reach, { settled: range.end, hotFrom });
  return { minutes: (range.end - range.start) / MINUTE_MS, lost, hours };
}

/** @returns the number of minutes whose events were gone */
async function writeRange(
  db: D1Database,
  range: TimeRange,
  { from, hotFrom }: { readonly from: number; readonly hotFrom: number },
): Promise<number> {
  const start = Math.min(range.end, Math.max(range.start, hotFrom));
  const lost = Array.from({ length: Math.ceil((start - range.start) / MINUTE_MS) }, (_, index) => ({
    time: range.start + index * MINUTE_MS,
    estimates: null,
  }));
  const known = start < range.end ? await estimateRange(db, { start, end: range.end }) : [];
  await writeMinuteEstimates(db, [...lost, ...known], { from, settled: range.end });
  return lost.length;
}

interface EventRow extends Omit<TapeRow, "usd"> {
  readonly usd: number | null;
}

async function estimateRange(db: D1Database, range: TimeRange) {
  const events = db
    .prepare(
      `SELECT exchange, symbol, instrument AS contract, position_side AS side, event_time AS time, ${FLOW_USD_SQL} AS usd
      FROM liquidations INDEXED BY liquidations_by_time WHERE event_time >= ?1 AND event_time < ?2 AND coverage <> 'inferred'`,
    )
    .bind(range.start - CONTEXT_MS, range.end + CONTEXT_MS);
  const [{ results }, fits, gapRows] = await Promise.all([
    events.all<EventRow>(),
    readFits(db),
    gapsInRange(db, COMPLETE_VENUES, range).run(),
  ]);
  // One whose USD nobody knows adds nothing to the totals either.
  const rows = results.map((row): TapeRow => ({ ...row, usd: row.usd ?? 0 }));
  const bySymbol = new Map([...fits].map(([symbol, { fit }]) => [symbol, fit]));
  return estimateMinutes(venueTapes(rows, venueThrottle), bySymbol, range, gapsOf(gapRows).gaps);
}

/** Venues without any gap were never collected, or always connected. */
const COMPLETE_VENUES = EXCHANGES.filter((exchange) => venueThrottle(exchange) === "complete");

async function sumHours(
  db: D1Database,
  reach: EstimateReach,
  { settled, hotFrom }: { readonly settled: number; readonly hotFrom: number },
): Promise<number> {
  let hours = 0;
  for (let hour = floorTo(reach.hours, HOUR_MS); hour + HOUR_MS + LATE_MS <= settled && hours < MAX_HOURS; hour += HOUR_MS) {
    // The hour in which estimates began has no minutes before that.
    const start = Math.max(hour, reach.from);
    const isKnown = hotFrom <= start && start < hour + HOUR_MS;
    if (isKnown) await writeRange(db, { start, end: hour + HOUR_MS }, { from: reach.from, hotFrom });
    await sumEstimateBlocks(db, "hours", hour);
    if ((hour + HOUR_MS) % DAY_MS === 0) {
      await sumEstimateBlocks(db, "days", hour + HOUR_MS - DAY_MS);
      await deleteEstimateBlocks(db, floorTo(settled - MINUTES_KEPT_MS, HOUR_MS), floorTo(settled - HOURS_KEPT_MS, DAY_MS));
    }
    hours += 1;
  }
  return hours;
}

const MAX_HOURS = 2;
