import { CONTEXT_MS } from "./estimate-minutes.ts";
import type { Estimate } from "./estimate.ts";
import { HOUR_MS, MINUTE_MS, ceilTo, floorTo } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";

/** What a window's liquidations came to, reported or not, as far as its minutes were settled. */
export interface WindowEstimate {
  /** Name of the window. */
  readonly window: string;
  /** The settled minutes of the window that the estimate is of, ms; null where too few are, or some were never estimated. */
  readonly start_time: number | null;
  readonly end_time: number | null;
  readonly long: Estimate;
  readonly short: Estimate;
}

/** Minutes settle within some 8 minutes, so what shorter windows are about is mostly not estimated yet. */
const MIN_WINDOW_MS = HOUR_MS;
/** An estimate that ends earlier lacks too much of an hour to stand beside it. */
const MAX_BEHIND_MS = 15 * MINUTE_MS;

/** Whether a window is long enough for its estimate to be of most of it. */
export function isEstimable({ start, end }: TimeRange): boolean {
  return end - start >= MIN_WINDOW_MS;
}

/**
 * The whole minutes of a window that were settled at a time, with what arrived until then.
 * @param settled end of the last settled minute, ms
 * @returns null where the last of them ended too long before the window did
 */
export function estimatedPart({ start, end }: TimeRange, settled: number, knownTime: number): TimeRange | null {
  const last = floorTo(Math.min(end, settled, knownTime - CONTEXT_MS), MINUTE_MS);
  return end - last > MAX_BEHIND_MS ? null : { start: ceilTo(start, MINUTE_MS), end: last };
}
