import type { MinuteMark } from "../minute-mark.ts";
import { HOUR_MS, MINUTE_MS } from "../windows/calendar.ts";
import { median } from "../scoreboard/scores.ts";

/** σ is that of the minutes before the 15 that a decision looks at, up to an hour ago. */
const LOOKED_AT_MS = 15 * MINUTE_MS;
/** Fewer returns say too little. */
const MIN_RETURNS = 20;
/** The standard deviation of a normal distribution whose absolute values have the median 1. */
const SIGMAS_PER_MEDIAN = 1.4826;

/**
 * Standard deviation of a one-minute return of the mark price before a flush, bps: of the 45 minutes before the last 15, by
 * the median of absolute returns, which neither an earlier jump nor another flush raises (Hampel 1974, J. American
 * Statistical Association 69(346)). Null with fewer than 20 returns of consecutive minutes, or where most of them are zero.
 * @param marks minutes in order, those outside the 45 are ignored
 */
export function sigmaBeforeBps(marks: readonly Pick<MinuteMark, "minute" | "close">[], minute: number): number | null {
  const returns: number[] = [];
  let earlier: Pick<MinuteMark, "minute" | "close"> | null = null;
  for (const mark of marks) {
    if (mark.minute < minute - HOUR_MS || mark.minute + MINUTE_MS > minute - LOOKED_AT_MS) continue;
    if (earlier?.minute === mark.minute - MINUTE_MS) returns.push(Math.abs(1e4 * (mark.close / earlier.close - 1)));
    earlier = mark;
  }
  const middle = returns.length < MIN_RETURNS ? null : median(returns);
  return middle === null || middle === 0 ? null : SIGMAS_PER_MEDIAN * middle;
}
