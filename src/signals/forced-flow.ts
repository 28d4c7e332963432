import type { PositionSide } from "../liquidation.ts";
import type { FlowMinute } from "./signal-input.ts";

/** Length of the current period and of the one before it, minutes. */
const RECENT_MINUTES = 3;

/** The direction in which closing orders push the price: those of longs are sold. */
export function pushDirection(side: PositionSide): 1 | -1 {
  return side === "long" ? -1 : 1;
}

/** USD of a side per 3 minutes. */
export interface FlowShape {
  /** The last 3 minutes, and the 3 before them. */
  readonly recent: number;
  readonly before: number;
  /** The most in any 3 consecutive minutes. */
  readonly peak: number;
}

export function flowShape(flow: readonly FlowMinute[], side: PositionSide): FlowShape {
  const last = flow.length - RECENT_MINUTES;
  let peak = 0;
  for (let from = 0; from <= last; from += 1) peak = Math.max(peak, sumFrom(flow, side, from));
  return { recent: sumFrom(flow, side, Math.max(0, last)), before: sumFrom(flow, side, Math.max(0, last - RECENT_MINUTES)), peak };
}

/** USD of the 3 minutes from one on. */
function sumFrom(flow: readonly FlowMinute[], side: PositionSide, from: number): number {
  let sum = 0;
  for (let index = from; index < from + RECENT_MINUTES; index += 1) {
    const minute = flow[index];
    sum += (side === "long" ? minute?.long_usd : minute?.short_usd) ?? 0;
  }
  return sum;
}

/** The largest move of the mark price in the direction of the forced flow. */
export interface MarkPush {
  readonly bps: number;
  /** Share of it that has recovered. */
  readonly returnedShare: number;
  /** Age of the minute of its extreme, counted from the last known minute: 0 for that one. */
  readonly extremeAge: number;
}

/** Null where fewer than 6 minutes have a mark price. */
export function markPush(flow: readonly FlowMinute[], side: PositionSide): MarkPush | null {
  const seen = flow.filter((minute) => minute.mark_close !== null);
  const start = seen[0]?.mark_close;
  const end = seen.at(-1)?.mark_close;
  if (start === null || start === undefined || end === null || end === undefined || seen.length < 2 * RECENT_MINUTES) return null;
  const extremes = seen.map(
    ({ mark_low, mark_high, mark_close }) => (side === "long" ? (mark_low ?? mark_close) : (mark_high ?? mark_close)) ?? start,
  );
  const extreme = side === "long" ? Math.min(...extremes) : Math.max(...extremes);
  return {
    bps: Math.max(0, 1e4 * pushDirection(side) * (extreme / start - 1)),
    returnedShare: extreme === start ? 0 : (extreme - end) / (extreme - start),
    extremeAge: extremes.length - 1 - extremes.lastIndexOf(extreme),
  };
}
