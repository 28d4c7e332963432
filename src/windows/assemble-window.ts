import type { Gap } from "../gap.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import type { ExchangeName } from "../liquidation.ts";
import { MINUTE_MS, floorTo } from "./calendar.ts";
import { compareWindows, comparedUsd, withComparison } from "./comparison.ts";
import { connectedVenues, uptimeShare } from "./uptime-share.ts";
import { bySide, earlierWindows } from "./percentile.ts";
import type { QuarterHour } from "./quarter-hour.ts";
import type { TimeRange } from "./range-parts.ts";
import type { WindowBySide, SymbolWindow } from "./symbol-window.ts";
import type { VenueWeights } from "./venue-weights.ts";
import { type WindowStatistics, type WindowTotals, ofExchange, sideStatistics } from "./window-statistics.ts";
import type { Window } from "./window.ts";

/** The rows that a window is assembled from, read from D1 or from the memory of a replay. */
export interface WindowRows {
  readonly symbol: string;
  readonly window: Window;
  /** The window ends 5 s before the minute of this time, ms. */
  readonly time: number;
  /**
   * The ranges that the totals cover: the windows themselves, or less where an edge is older than the stored events.
   */
  readonly covered: { readonly current: TimeRange; readonly previous: TimeRange };
  /** Totals of the symbol by venue and side. */
  readonly totals: WindowTotals;
  readonly gaps: readonly Gap[];
  /** The configured venues that publish liquidations, weighed by their USD. */
  readonly weights: VenueWeights;
  /** The history of the symbol, contiguous, oldest first. */
  readonly quarterHours: readonly QuarterHour[];
}

/** The window of one symbol and its previous window, per side and venue. */
export function symbolWindow(rows: WindowRows): SymbolWindow {
  const { totals, weights } = rows;
  const present = new Set([...totals.current, ...totals.previous].map((row) => row.exchange));
  const shown = EXCHANGES.filter((name) => present.has(name) || weights.has(name));
  const window = windowBySide(rows);
  const ofVenue = (name: ExchangeName) => {
    const own = ofExchange(totals, name);
    const compared = window.comparison.exchanges.filter((one) => one === name);
    return withComparison(sideStatistics(own), comparedUsd(own, compared), null);
  };
  return { ...window, exchanges: Object.fromEntries(shown.map((name) => [name, ofVenue(name)])) };
}

/** The same without venues, which the spike rule does not read: a third of the time. */
export function windowBySide({ symbol, window, time, covered, totals, gaps, weights, quarterHours }: WindowRows): WindowBySide {
  const sides = sideStatistics(totals);
  const compared = connectedVenues(gaps, [...weights.keys()], [covered.current, covered.previous]);
  const comparison = compareWindows(totals, compared, weights);
  const { rank, median_usd } = earlierWindows(quarterHours, window.lengthMs, covered.current.start);
  return {
    symbol,
    window: window.name,
    as_of_time: floorTo(time, MINUTE_MS),
    start_time: covered.current.start,
    end_time: covered.current.end,
    previous_start_time: covered.previous.start,
    previous_end_time: covered.previous.end,
    uptime_share: uptimeShare(gaps, weights, covered.current),
    previous_uptime_share: uptimeShare(gaps, weights, covered.previous),
    comparison,
    sides: withComparison(
      sides,
      comparison,
      bySide((side) => rank(side, sides[side].usd)),
    ),
    median_usd,
    percentile_without_largest: bySide((side) => rank(side, withoutLargest(sides[side]))),
  };
}

function withoutLargest({ usd, max_usd: largest }: WindowStatistics): number | null {
  return usd === null ? null : usd - (largest ?? 0);
}

/** The gaps inside a window and its previous one. */
export function gapsOfWindow(gaps: readonly Gap[], { previous_start_time: start, end_time: end }: WindowBySide): readonly Gap[] {
  return gaps.filter(({ from_time: from, to_time: to }) => from < end && (to === null || to > start));
}
