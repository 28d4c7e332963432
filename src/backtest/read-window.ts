import type { Gap } from "../gap.ts";
import { type WindowRows, windowBySide, symbolWindow } from "../windows/assemble-window.ts";
import { type EarlierWindows, earlierWindows } from "../windows/percentile.ts";
import { coveredRange } from "../windows/range-parts.ts";
import type { WindowBySide, SymbolWindow } from "../windows/symbol-window.ts";
import { type Window, windowRanges } from "../windows/window.ts";
import type { KnownEvents } from "./known-events.ts";
import type { QuarterHourHistory } from "./quarter-hour-history.ts";

/** The data that the windows of a minute are made from, as known at that time. */
export interface Known {
  readonly events: KnownEvents;
  readonly quarterHours: QuarterHourHistory;
  /** Gaps that overlap the longest window and its previous one. */
  readonly gaps: readonly Gap[];
  /** The longest requested window, ms. */
  readonly longestMs: number;
}

/**
 * The window of one symbol at a minute: what `readWindows` reads live from D1, but from memory. The sums agree except
 * for the last bits, which SQLite rounds in another order.
 */
export function readWindow(known: Known, symbol: string, window: Window, minute: number): SymbolWindow {
  return symbolWindow(windowRows(known, symbol, window, minute));
}

/** The same without venues. */
export function readSides(known: Known, symbol: string, window: Window, minute: number): WindowBySide {
  return windowBySide(windowRows(known, symbol, window, minute));
}

/** What the USD of a window is ranked among. */
export function readEarlier({ events, quarterHours, longestMs }: Known, symbol: string, window: Window, minute: number): EarlierWindows {
  const { start } = coveredRange(windowRanges(window.lengthMs, minute).current, events.eventsFrom(minute));
  return earlierWindows(quarterHours.quarterHours(symbol, longestMs, minute), window.lengthMs, start);
}

function windowRows(known: Known, symbol: string, window: Window, time: number): WindowRows {
  const { events, quarterHours, gaps, longestMs } = known;
  const ranges = windowRanges(window.lengthMs, time);
  const eventsFrom = events.eventsFrom(time);
  // Live, ranges older than the stored events are summed from whole minutes: the same edges here.
  const current = coveredRange(ranges.current, eventsFrom);
  const previous = coveredRange(ranges.previous, eventsFrom);
  const minutes = events.minutes(symbol);
  return {
    symbol,
    window,
    time,
    covered: { current, previous },
    totals: { current: minutes.totals(current), previous: minutes.totals(previous) },
    gaps,
    weights: quarterHours.weights,
    quarterHours: quarterHours.quarterHours(symbol, longestMs, time),
  };
}
