import type { Gap } from "../gap.ts";
import type { ExchangeName } from "../liquidation.ts";
import { MINUTE_MS, SECOND_MS, floorTo } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";

/** The gaps of a venue as ranges, ms; one that lasts has no end. */
export function gapsOfVenue(gaps: readonly Gap[], exchange: ExchangeName): readonly TimeRange[] {
  return gaps
    .filter((gap) => gap.exchange === exchange)
    .map(({ from_time: start, to_time }) => ({ start, end: to_time ?? Number.POSITIVE_INFINITY }));
}

/** @returns whether the minute of a second, since 1970, is free of these gaps */
export function coveredMinute(gaps: readonly TimeRange[]): (second: number) => boolean {
  const merged = mergedRanges(gaps);
  return (second) => {
    const start = floorTo(second * SECOND_MS, MINUTE_MS);
    let [low, high] = [0, merged.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((merged[middle]?.end ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    return (merged[low]?.start ?? Number.POSITIVE_INFINITY) >= start + MINUTE_MS;
  };
}

/** In order, none overlapping another. */
function mergedRanges(ranges: readonly TimeRange[]): readonly TimeRange[] {
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged;
}
