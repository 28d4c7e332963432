import type { Config } from "../../src/config.ts";
import { publishingVenues } from "../../src/exchanges/coverage.ts";
import { symbolWindow } from "../../src/windows/assemble-window.ts";
import { rangeParts } from "../../src/windows/range-parts.ts";
import type { SymbolWindow } from "../../src/windows/symbol-window.ts";
import { type Window, windowRanges } from "../../src/windows/window.ts";
import { type D1Read, readTogether } from "./d1-read.ts";
import { type GapsInRange, gapsInRange, gapsOf } from "./gap-reads.ts";
import { eventsFromOf, hotEvents } from "./hot-events.ts";
import { quarterHourHistory, quarterHoursOf, weightsOf } from "./quarter-hour-reads.ts";
import { rangeTotals, rangeTotalsOf } from "./range-totals.ts";

export interface SymbolWindows extends GapsInRange {
  /**
   * Ordered by symbol and then by window, as requested. `gaps` are those inside the longest window and its previous
   * one.
   */
  readonly symbolWindows: readonly SymbolWindow[];
  /** The number of rows read, as counted by D1. */
  readonly rowsRead: number;
}

/** Reads the windows of these symbols as `windowsRead` describes them. */
export async function readWindows(
  db: D1Database,
  config: Config,
  symbols: readonly string[],
  windows: readonly Window[],
  time: number,
): Promise<SymbolWindows> {
  const [found] = await readTogether(db, [windowsRead(db, config, symbols, windows, time)]);
  return found;
}

/**
 * Reads the windows of these symbols that end 5 s before the minute of `time`, their previous windows, the gaps inside
 * both, and the history they are ranked against.
 */
export function windowsRead(
  db: D1Database,
  config: Config,
  symbols: readonly string[],
  windows: readonly Window[],
  time: number,
): D1Read<SymbolWindows> {
  const longest = Math.max(...windows.map((window) => window.lengthMs));
  const whole = windowRanges(longest, time);
  const ranges = windows.map(({ lengthMs }) => windowRanges(lengthMs, time));
  const statements = [
    hotEvents(db),
    gapsInRange(db, config.LIQUIDATION_EXCHANGES, { start: whole.previous.start, end: whole.current.end }),
    ...quarterHourHistory(db, symbols, longest, time),
    ...ranges.flatMap(({ current, previous }) => [rangeTotals(db, symbols, current), rangeTotals(db, symbols, previous)]),
  ];
  return { statements, valueOf };

  function valueOf(results: readonly D1Result[]): SymbolWindows {
    const [stored, gapRows, totals, uptime, venues, ...sums] = results;
    const eventsFrom = eventsFromOf(stored);
    const inRange = gapsOf(gapRows);
    const weights = weightsOf(publishingVenues(config), venues, uptime);
    const totalsBySymbol = sums.map(rangeTotalsOf);
    const symbolWindows = symbols.flatMap((symbol) => {
      const quarterHours = quarterHoursOf(symbol, totals, uptime);
      return windows.map((window, index): SymbolWindow => {
        const range = ranges[index];
        if (range === undefined) throw new RangeError(`no range for window ${window.name}`);
        const own = { current: totalsBySymbol[2 * index]?.get(symbol) ?? [], previous: totalsBySymbol[2 * index + 1]?.get(symbol) ?? [] };
        const covered = {
          current: rangeParts(range.current, eventsFrom).covered,
          previous: rangeParts(range.previous, eventsFrom).covered,
        };
        return symbolWindow({ symbol, window, time, covered, totals: own, gaps: inRange.gaps, weights, quarterHours });
      });
    });
    return { ...inRange, symbolWindows, rowsRead: results.reduce((rows, result) => rows + result.meta.rows_read, 0) };
  }
}
