import type { MinuteMark } from "../minute-mark.ts";
import { HOUR_MS, MINUTE_MS } from "../windows/calendar.ts";

/** Fewer returns say too little. */
const MIN_RETURNS = 30;
const MINUTES_PER_HOUR = 60;
const PERIODS_PER_HOUR = 12;

/**
 * Standard deviation of a return over 1 h, bps: the root mean square of the one-minute returns of the last hour, times √60.
 * The flush is included, because volatility persists. With fewer than 30 returns of consecutive minutes it is taken from
 * the realized volatility of 5 minutes; null where that is unknown too.
 * @param marks minutes in order, those outside the hour are ignored
 */
export function sigmaHourBps(
  marks: readonly Pick<MinuteMark, "minute" | "close">[],
  minute: number,
  volatility5m: number | null,
): number | null {
  const hour = marks.filter((mark) => mark.minute >= minute - HOUR_MS && mark.minute + MINUTE_MS <= minute);
  const squares = hour.flatMap((mark, index) => {
    const earlier = hour[index - 1];
    return earlier?.minute === mark.minute - MINUTE_MS ? [(1e4 * (mark.close / earlier.close - 1)) ** 2] : [];
  });
  if (squares.length < MIN_RETURNS) return volatility5m === null ? null : 1e4 * volatility5m * Math.sqrt(PERIODS_PER_HOUR);
  const sum = squares.reduce((total, square) => total + square, 0);
  return Math.sqrt((MINUTES_PER_HOUR * sum) / squares.length);
}
