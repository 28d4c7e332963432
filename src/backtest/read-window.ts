import type { Gap } from "../gap.ts";
import type { ExchangeName } from "../liquidation.ts";
import { type WindowRows, sidesReading, windowReading } from "../windows/assemble-window.ts";
import { rangeParts } from "../windows/range-parts.ts";
import type { SidesReading, WindowReading } from "../windows/window-reading.ts";
import { type Window, windowRanges } from "../windows/window.ts";
import type { KnownEvents } from "./known-events.ts";
import type { QuarterHistory } from "./quarter-history.ts";

/** What a minute's readings are made from, all of it as known then. */
export interface Known {
  readonly events: KnownEvents;
  readonly quarters: QuarterHistory;
  /** Those that overlap the longest window and the one before it. */
  readonly gaps: readonly Gap[];
  /** The configured venues that publish liquidations. */
  readonly publishing: readonly ExchangeName[];
  /** The longest of all windows asked for, ms. */
  readonly longestMs: number;
}

/**
 * One symbol's window at a minute: what `readWindows` reads from D1 live, from memory. The sums agree to the last bits,
 * which SQLite rounds in another order.
 */
export function readWindow(known: Known, symbol: string, window: Window, minute: number): WindowReading {
  return windowReading(windowRows(known, symbol, window, minute));
}

/** The same without the venues. */
export function readSides(known: Known, symbol: string, window: Window, minute: number): SidesReading {
  return sidesReading(windowRows(known, symbol, window, minute));
}

function windowRows(known: Known, symbol: string, window: Window, time: number): WindowRows {
  const { events, quarters, gaps, publishing, longestMs } = known;
  const ranges = windowRanges(window.lengthMs, time);
  const eventsFrom = events.eventsFrom(time);
  // Live, what is older than the events kept is summed from whole minutes: the same edges here.
  const current = rangeParts(ranges.current, eventsFrom).covered;
  const previous = rangeParts(ranges.previous, eventsFrom).covered;
  const minutes = events.minutes(symbol);
  return {
    symbol,
    window,
    time,
    covered: { current, previous },
    totals: { current: minutes.totals(current), previous: minutes.totals(previous) },
    gaps,
    publishing,
    quarters: quarters.quarters(symbol, longestMs, time),
  };
}
