import type { Config } from "../../src/config.ts";
import { publishingVenues } from "../../src/exchanges/coverage.ts";
import { symbolWindow } from "../../src/windows/assemble-window.ts";
import { rangeParts } from "../../src/windows/range-parts.ts";
import type { SymbolWindow } from "../../src/windows/symbol-window.ts";
import { type Window, windowRanges } from "../../src/windows/window.ts";
import { type D1Read, readTogether } from "./d1-read.ts";
import { type GapsInRange, gapsInRange, gapsOf } from "./gap-reads.ts";
import { eventsFromOf, hotEvents } from "./hot-events.ts";
import { rangeTotals, rangeTotalsOf } from "./range-totals.ts";
import { type RankingHistories, rankingHistoryRead } from "./ranking-history.ts";
import { TOTAL_COLUMNS } from "./total-columns.ts";

export interface SymbolWindows extends GapsInRange {
  /**
   * Ordered by symbol and then by window, as requested. `gaps` are those inside the longest window and its previous
   * one.
   */
  readonly symbolWindows: readonly SymbolWindow[];
  /** The number of rows read, as counted by D1. */
  readonly rowsRead: number;
}

/** Of a previous window no more is compared. */
const PREVIOUS_COLUMNS = ["events", "usd"] as const;

/** Reads the windows of these symbols as `windowsRead` describes them. */
export async function readWindows(
  db: D1Database,
  config: Config,
  symbols: readonly string[],
  windows: readonly Window[],
  time: number,
): Promise<SymbolWindows> {
  const [found] = await readTogether(db, [windowsRead(db, config, symbols, windows, time, null)]);
  return found;
}

/**
 * Reads the windows of these symbols that end 5 s before the minute of `time`, their previous windows, the gaps inside
 * both, and the history they are ranked against.
 *
 * @param remembered as `rankingHistoryRead` takes it
 */
export function windowsRead(
  db: D1Database,
  config: Config,
  symbols: readonly string[],
  windows: readonly Window[],
  time: number,
  remembered: RankingHistories | null,
): D1Read<SymbolWindows> {
  const longest = Math.max(...windows.map((window) => window.lengthMs));
  const publishing = publishingVenues(config);
  const history = rankingHistoryRead(db, { publishing, symbols, longestMs: longest, time }, remembered);
  const whole = windowRanges(longest, time);
  const ranges = windows.map(({ lengthMs }) => windowRanges(lengthMs, time));
  const statements = [
    hotEvents(db),
    gapsInRange(db, config.LIQUIDATION_EXCHANGES, { start: whole.previous.start, end: whole.current.end }),
    ...history.statements,
    ...ranges.map(({ current }) => rangeTotals(db, symbols, current, TOTAL_COLUMNS)),
    ...ranges.map(({ previous }) => rangeTotals(db, symbols, previous, PREVIOUS_COLUMNS)),
  ];
  return { statements, valueOf };

  function valueOf(results: readonly D1Result[]): SymbolWindows {
    const [stored, gapRows] = results;
    const sums = results.slice(2 + history.statements.length);
    const eventsFrom = eventsFromOf(stored);
    const inRange = gapsOf(gapRows);
    const { weights, quarterHours } = history.valueOf(results.slice(2, 2 + history.statements.length));
    const current = sums.slice(0, ranges.length).map((sum) => rangeTotalsOf(sum, TOTAL_COLUMNS));
    const previous = sums.slice(ranges.length).map((sum) => rangeTotalsOf(sum, PREVIOUS_COLUMNS));
    const symbolWindows = symbols.flatMap((symbol) =>
      windows.map((window, index): SymbolWindow => {
        const range = ranges[index];
        if (range === undefined) throw new RangeError(`no range for window ${window.name}`);
        const totals = { current: current[index]?.get(symbol) ?? [], previous: previous[index]?.get(symbol) ?? [] };
        const covered = {
          current: rangeParts(range.current, eventsFrom).covered,
          previous: rangeParts(range.previous, eventsFrom).covered,
        };
        const ranked = quarterHours.get(symbol) ?? [];
        return symbolWindow({ symbol, window, time, covered, totals, gaps: inRange.gaps, weights, quarterHours: ranked });
      }),
    );
    return { ...inRange, symbolWindows, rowsRead: results.reduce((rows, result) => rows + result.meta.rows_read, 0) };
  }
}
