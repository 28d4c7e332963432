import type { Gap } from "../gap.ts";
import type { ExchangeName } from "../liquidation.ts";
import { type TimeRange } from "./range-parts.ts";
import { uptimeShare } from "./uptime-share.ts";
import { equalWeights } from "./venue-weights.ts";

/**
 * The uptime of a venue by step, oldest first: the share of each step in which it was connected, 0 to 1, rounded to
 * four digits. Null where the gaps of a step are unknown.
 * @param gaps gaps of this venue or of several
 * @param range whole steps; a step that is still running counts up to `now`
 * @param knownFrom no gap before this time is known, ms
 */
export function uptimeSteps(
  gaps: readonly Gap[],
  exchange: ExchangeName,
  { start, end }: TimeRange,
  stepMs: number,
  now: number,
  knownFrom: number,
): readonly (number | null)[] {
  const own = gaps.filter((gap) => gap.exchange === exchange).toSorted((a, b) => a.from_time - b.from_time);
  return Array.from({ length: Math.ceil((end - start) / stepMs) }, (_, index) => {
    const step = { start: start + index * stepMs, end: Math.min(start + (index + 1) * stepMs, now) };
    if (step.start < knownFrom || step.end <= step.start) return null;
    const inside = own.filter(({ from_time: from, to_time: to }) => from < step.end && (to === null || to > step.start));
    return Math.round(uptimeShare(inside, equalWeights([exchange]), step) * 1e4) / 1e4;
  });
}
