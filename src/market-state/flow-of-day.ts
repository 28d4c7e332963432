import type { Gap } from "../gap.ts";
import type { ExchangeName, PositionSide } from "../liquidation.ts";
import { DAY_MS } from "../windows/calendar.ts";
import { QUARTER_HOUR_MS } from "../windows/quarter-hour.ts";
import { MIN_UPTIME_SHARE, uptimeShare } from "../windows/uptime-share.ts";
import { venueWeights } from "../windows/venue-weights.ts";
import { STEP_MS } from "./lags.ts";
import { type MarketDay, STEPS_PER_DAY } from "./market-day.ts";

/** The USD of a venue and side in a step, which is numbered from the start of the day; null where no event's value is known. */
export interface StepFlow {
  readonly step: number;
  readonly exchange: ExchangeName;
  readonly position_side: PositionSide;
  readonly usd: number | null;
}

/**
 * The flow of a day: 0 where nothing was liquidated, and null where venues with more than a tenth of the day's USD were not
 * connected, because a sum of the rest would look like calm.
 * @param gaps of the day; null where they are not all known
 */
export function flowOfDay(
  day: number,
  rows: readonly StepFlow[],
  publishing: readonly ExchangeName[],
  gaps: readonly Gap[] | null,
): MarketDay["flow"] {
  const usd = new Map<ExchangeName, number>();
  for (const row of rows) usd.set(row.exchange, (usd.get(row.exchange) ?? 0) + (row.usd ?? 0));
  const weights = venueWeights(publishing, usd, DAY_MS / QUARTER_HOUR_MS);
  const isCovered = Array.from({ length: STEPS_PER_DAY }, (_, step) => {
    const range = { start: day + step * STEP_MS, end: day + (step + 1) * STEP_MS };
    return gaps !== null && uptimeShare(gaps, weights, range) >= MIN_UPTIME_SHARE;
  });
  const ofSide = (side: PositionSide) => {
    const sums = Array.from({ length: STEPS_PER_DAY }, () => 0);
    for (const row of rows) if (row.position_side === side) sums[row.step] = (sums[row.step] ?? 0) + (row.usd ?? 0);
    return sums.map((sum, step) => (isCovered[step] === true ? Math.round(sum) : null));
  };
  return { long: ofSide("long"), short: ofSide("short") };
}
