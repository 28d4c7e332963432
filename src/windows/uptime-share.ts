import type { Gap } from "../gap.ts";
import type { ExchangeName } from "../liquidation.ts";
import type { TimeRange } from "./range-parts.ts";
import type { VenueWeights } from "./venue-weights.ts";

/** A range with less uptime than this has sums too low to compare with. */
export const MIN_UPTIME_SHARE = 0.9;

/**
 * The share of venue time that was connected, 0 to 1: the time of the venues by their weights, less their gaps. 0 without
 * weight. Gaps of one venue may overlap.
 */
export function uptimeShare(gaps: readonly Gap[], weights: VenueWeights, range: TimeRange): number {
  const length = range.end - range.start;
  let [whole, missed] = [0, 0];
  for (const [exchange, weight] of weights) {
    whole += weight * length;
    missed += weight * missedMs(gaps, exchange, range);
  }
  return whole > 0 ? 1 - missed / whole : 0;
}

/** The venues that were connected for enough of each range. */
export function connectedVenues(
  gaps: readonly Gap[],
  exchanges: readonly ExchangeName[],
  ranges: readonly TimeRange[],
): readonly ExchangeName[] {
  return exchanges.filter((name) =>
    ranges.every((range) => 1 - missedMs(gaps, name, range) / (range.end - range.start) >= MIN_UPTIME_SHARE),
  );
}

function missedMs(gaps: readonly Gap[], exchange: ExchangeName, { start, end }: TimeRange): number {
  let missed = 0;
  let at = start;
  const own = gaps.length === 0 ? gaps : gaps.filter((gap) => gap.exchange === exchange);
  for (const gap of own.length < 2 ? own : own.toSorted((a, b) => a.from_time - b.from_time)) {
    const from = Math.max(gap.from_time, at);
    const to = Math.min(gap.to_time ?? end, end);
    if (to <= from) continue;
    missed += to - from;
    at = to;
  }
  return missed;
}
