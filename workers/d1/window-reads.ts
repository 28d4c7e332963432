import type { ExchangeName } from "../../src/liquidation.ts";
import { type TimeRange, rangeParts } from "../../src/windows/range-parts.ts";
import type { WindowTotals } from "../../src/windows/window-statistics.ts";
import { type WindowName, windowRanges } from "../../src/windows/window.ts";
import { type GapsInRange, gapsInRange, gapsOf } from "./gap-reads.ts";
import { hotEventsFrom } from "./hot-events.ts";
import { rangeTotals, rangeTotalsOf } from "./range-totals.ts";

export interface WindowReading extends GapsInRange {
  readonly current: TimeRange;
  /** Its far end may be cut to a whole minute where it is older than the events kept. */
  readonly previous: TimeRange;
  readonly totals: WindowTotals;
}

/**
 * Reads one symbol's window that ends 5 s before the minute of `time`, the one before it, and the gaps of these venues
 * inside both. All of it is one moment of the database.
 */
export async function readWindow(
  db: D1Database,
  symbol: string,
  window: WindowName,
  time: number,
  exchanges: readonly ExchangeName[],
): Promise<WindowReading> {
  const ranges = windowRanges(window, time);
  const eventsFrom = await hotEventsFrom(db);
  const current = rangeParts(ranges.current, eventsFrom);
  const previous = rangeParts(ranges.previous, eventsFrom);
  const [currentTotals, previousTotals, gaps] = await db.batch([
    rangeTotals(db, symbol, current.parts),
    rangeTotals(db, symbol, previous.parts),
    gapsInRange(db, exchanges, { start: previous.covered.start, end: current.covered.end }),
  ]);
  return {
    current: current.covered,
    previous: previous.covered,
    totals: { current: rangeTotalsOf(currentTotals), previous: rangeTotalsOf(previousTotals) },
    ...gapsOf(gaps),
  };
}
