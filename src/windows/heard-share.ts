import type { Gap } from "../gap.ts";
import type { ExchangeName } from "../liquidation.ts";
import type { TimeRange } from "./range-parts.ts";

/** Under this share of a stretch heard, its sums are too low to be compared with. */
export const LEAST_HEARD_SHARE = 0.9;

/**
 * How much of a stretch was heard, 0 to 1: of the time of these venues together, what lies in no gap. 0 where there is
 * no venue that could have been heard. Gaps of one venue may overlap.
 */
export function heardShare(gaps: readonly Gap[], exchanges: readonly ExchangeName[], { start, end }: TimeRange): number {
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
