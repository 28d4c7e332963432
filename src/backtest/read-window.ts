import type { Config } from "../config.ts";
import { exchanges } from "../exchanges/registry.ts";
import type { Gap } from "../gap.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import type { ExchangeName } from "../liquidation.ts";
import { MINUTE_MS, floorTo } from "../windows/calendar.ts";
import { uptimeShare } from "../windows/uptime-share.ts";
import { windowPercentiles } from "../windows/percentile.ts";
import { rangeParts } from "../windows/range-parts.ts";
import type { WindowReading } from "../windows/window-reading.ts";
import { ofExchange, sideStatistics, withPercentiles } from "../windows/window-statistics.ts";
import { type Window, windowRanges } from "../windows/window.ts";
import type { KnownEvents } from "./known-events.ts";
import type { QuarterHistory } from "./quarter-history.ts";

/** The configured venues that publish liquidations: only their silence is a gap in what could be known. */
export function publishingVenues(config: Pick<Config, "LIQUIDATION_EXCHANGES">): readonly ExchangeName[] {
  return config.LIQUIDATION_EXCHANGES.filter((name) => exchanges[name].coverage !== "none");
}

/** What a minute's readings are made from, all of it as known then. */
export interface Known {
  readonly events: KnownEvents;
  readonly quarters: QuarterHistory;
  /** Those that overlap the longest window and the one before it. */
  readonly gaps: readonly Gap[];
  readonly heardFrom: readonly ExchangeName[];
  /** The longest of all windows asked for, ms. */
  readonly longestMs: number;
}

/**
 * One symbol's window at a minute: what `readWindows` reads from D1 live, from memory. The sums agree to the last bits,
 * which SQLite rounds in another order.
 */
export function readWindow(known: Known, symbol: string, window: Window, minute: number): WindowReading {
  return readTotals(known, symbol, window, minute, true);
}

/** The same without its part by venue, which the spike rule does not look at: a third of the time. */
export function readJudged(known: Known, symbol: string, window: Window, minute: number): WindowReading {
  return readTotals(known, symbol, window, minute, false);
}

function readTotals(known: Known, symbol: string, window: Window, minute: number, byVenue: boolean): WindowReading {
  const { events, quarters, gaps, heardFrom, longestMs } = known;
  const ranges = windowRanges(window.lengthMs, minute);
  const eventsFrom = events.eventsFrom(minute);
  // Live, what is older than the events kept is summed from whole minutes: the same edges here.
  const current = rangeParts(ranges.current, eventsFrom).covered;
  const previous = rangeParts(ranges.previous, eventsFrom).covered;
  const minutes = events.minutes(symbol);
  const totals = { current: minutes.totals(current), previous: minutes.totals(previous) };
  const present = new Set([...totals.current, ...totals.previous].map((row) => row.exchange));
  const shown = byVenue ? EXCHANGES.filter((name) => present.has(name) || heardFrom.includes(name)) : [];
  const sides = sideStatistics(totals);
  const usd = { long: sides.long.usd, short: sides.short.usd, total: sides.total.usd };
  const history = quarters.quarters(symbol, longestMs, minute);
  return {
    symbol,
    window: window.name,
    as_of_time: floorTo(minute, MINUTE_MS),
    start_time: current.start,
    end_time: current.end,
    previous_start_time: previous.start,
    previous_end_time: previous.end,
    uptime_share: uptimeShare(gaps, heardFrom, current),
    previous_uptime_share: uptimeShare(gaps, heardFrom, previous),
    sides: withPercentiles(sides, windowPercentiles(history, window.lengthMs, current.start, usd)),
    exchanges: Object.fromEntries(shown.map((name) => [name, sideStatistics(ofExchange(totals, name))])),
  };
}
