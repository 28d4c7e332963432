import type { ImpactFields, PositionSide } from "../liquidation.ts";

export interface MarkAt {
  /** Time according to the venue, ms. */
  readonly time: number;
  readonly price: number;
}

/** A mark older than this is stale. */
const OLDEST_MARK_MS = 10_000;

/** An impact is final this long after the event, once all marks up to then have arrived. */
export const IMPACT_FINAL_MS = 60_000;

/**
 * Price impact of a liquidation: 10⁴ (mark(t + h) − mark(t⁻)) / mark(t⁻) for h = 1, 5 and 60 s, positive in the
 * direction of the forced flow (the closing sell of a long pushes down). mark(t⁻) is the last mark before t, and mark(t
 * + h) the last one up to t + h; null where either is more than 10 s old, or where no mark has arrived since t, because
 * nothing was measured then. It is the return of an event study at fixed horizons (MacKinlay 1997, J. Econ. Lit. 35),
 * without a market model.
 *
 * @param marks marks of the event's instrument, sorted by time; equal times stay in the order of arrival
 */
export function impactAfter(marks: readonly MarkAt[], time: number, side: PositionSide): ImpactFields {
  const before = lastBefore(marks, time);
  const sign = side === "long" ? -1 : 1;
  const impact = (horizonMs: number): number | null => {
    const after = lastBefore(marks, time + horizonMs + 1);
    if (before === null || after === null || after.time < time || !isMark(before, time) || !isMark(after, time + horizonMs)) return null;
    return (sign * 1e4 * (after.price - before.price)) / before.price;
  };
  return { impact_1s_bps: impact(1000), impact_5s_bps: impact(5000), impact_60s_bps: impact(60_000) };
}

function isMark({ price, time }: MarkAt, now: number): boolean {
  return price > 0 && now - time <= OLDEST_MARK_MS;
}

/** The last mark with a time before `time`, by bisection. */
function lastBefore(marks: readonly MarkAt[], time: number): MarkAt | null {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((marks[middle]?.time ?? Infinity) < time) low = middle + 1;
    else high = middle;
  }
  return marks[low - 1] ?? null;
}
