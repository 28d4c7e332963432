import type { Gap } from "../gap.ts";
import type { ExchangeName } from "../liquidation.ts";
import type { TimeRange } from "./range-parts.ts";

/** A range with less uptime than this has sums too low to compare with. */
export const MIN_UPTIME_SHARE = 0.9;

/**
 * The share of venue time that was connected, 0 to 1: the time of all these venues together, less their gaps. 0 without
 * venues. Gaps of one venue may overlap.
 */
export function uptimeShare(gaps: readonly Gap[], exchanges: readonly ExchangeName[], { start, end }: TimeRange): number {
  const whole = exchanges.length * (end - start);
  if (whole <= 0) return 0;
  let missed = 0;
  for (const exchange of exchanges) {
    let at = start;
    for (const gap of gaps.filter((one) => one.exchange === exchange).toSorted((a, b) => a.from_time - b.from_time)) {
      const from = Math.max(gap.from_time, at);
      const to = Math.min(gap.to_time ?? end, end);
      if (to <= from) continue;
      missed += to - from;
      at = to;
    }
  }
  return 1 - missed / whole;
}
