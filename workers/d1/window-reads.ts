import type { Config } from "../../src/config.ts";
import { exchanges } from "../../src/exchanges/registry.ts";
import type { Gap } from "../../src/gap.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { uptimeShare } from "../../src/windows/uptime-share.ts";
import { type Quarter, windowPercentiles } from "../../src/windows/percentile.ts";
import { type TimeRange, rangeParts } from "../../src/windows/range-parts.ts";
import type { WindowReading } from "../../src/windows/window-reading.ts";
import { type WindowTotals, ofExchange, sideStatistics, withPercentiles } from "../../src/windows/window-statistics.ts";
import { type Window, windowRanges } from "../../src/windows/window.ts";
import { type GapsInRange, gapsInRange, gapsOf } from "./gap-reads.ts";
import { hotEventsFrom } from "./hot-events.ts";
import { quarterHistory, quartersOf } from "./quarter-reads.ts";
import { type SymbolTotals, rangeTotals, rangeTotalsOf } from "./range-totals.ts";

export interface WindowReadings extends GapsInRange {
  /** By symbol and then by window, in the order asked for. `gaps` are those inside the longest window and the one before it. */
  readonly readings: readonly WindowReading[];
  /** What D1 counts. */
  readonly rowsRead: number;
}

export type { WindowReading } from "../../src/windows/window-reading.ts";

/**
 * Reads these symbols' windows that end 5 s before the minute of `time`, those before them, the gaps inside both and
 * the history they are ranked against. All of it is one moment of the database.
 */
export async function readWindows(
  db: D1Database,
  config: Config,
  symbols: readonly string[],
  windows: readonly Window[],
  time: number,
): Promise<WindowReadings> {
  const eventsFrom = await hotEventsFrom(db);
  const longest = Math.max(...windows.map((window) => window.lengthMs));
  const whole = windowRanges(longest, time);
  const ranges = windows.map(({ lengthMs }) => {
    const { current, previous } = windowRanges(lengthMs, time);
    return { current: rangeParts(current, eventsFrom), previous: rangeParts(previous, eventsFrom) };
  });
  const results = await db.batch([
    gapsInRange(db, config.LIQUIDATION_EXCHANGES, { start: whole.previous.start, end: whole.current.end }),
    ...quarterHistory(db, symbols, longest, time),
    ...ranges.flatMap(({ current, previous }) => [rangeTotals(db, symbols, current.parts), rangeTotals(db, symbols, previous.parts)]),
  ]);
  const [gapRows, totals, heard, ...sums] = results;
  const inRange = gapsOf(gapRows);
  const readings = symbols.flatMap((symbol) => {
    const quarters = quartersOf(symbol, totals, heard);
    return windows.map((window, index): WindowReading => {
      const range = ranges[index];
      if (range === undefined) throw new RangeError(`no range for window ${window.name}`);
      const own = { current: ofSymbol(sums[2 * index], symbol), previous: ofSymbol(sums[2 * index + 1], symbol) };
      const covered = { current: range.current.covered, previous: range.previous.covered };
      return windowReading({ config, symbol, window, time, covered, totals: own, gaps: inRange.gaps, quarters });
    });
  });
  return { ...inRange, readings, rowsRead: results.reduce((rows, result) => rows + result.meta.rows_read, 1) };
}

function ofSymbol(result: D1Result | undefined, symbol: string): readonly SymbolTotals[] {
  return rangeTotalsOf(result).filter((row) => row.symbol === symbol);
}

interface ReadingParts {
  readonly config: Config;
  readonly symbol: string;
  readonly window: Window;
  readonly time: number;
  readonly covered: { readonly current: TimeRange; readonly previous: TimeRange };
  readonly totals: WindowTotals;
  readonly gaps: readonly Gap[];
  readonly quarters: readonly Quarter[];
}

function windowReading({ config, symbol, window, time, covered, totals, gaps, quarters }: ReadingParts): WindowReading {
  const publishing = config.LIQUIDATION_EXCHANGES.filter((name) => exchanges[name].coverage !== "none");
  const present = new Set([...totals.current, ...totals.previous].map((row) => row.exchange));
  const shown = EXCHANGES.filter((name) => present.has(name) || publishing.includes(name));
  const sides = sideStatistics(totals);
  const usd = { long: sides.long.usd, short: sides.short.usd, total: sides.total.usd };
  return {
    symbol,
    window: window.name,
    as_of_time: floorTo(time, MINUTE_MS),
    start_time: covered.current.start,
    end_time: covered.current.end,
    previous_start_time: covered.previous.start,
    previous_end_time: covered.previous.end,
    uptime_share: uptimeShare(gaps, publishing, covered.current),
    previous_uptime_share: uptimeShare(gaps, publishing, covered.previous),
    sides: withPercentiles(sides, windowPercentiles(quarters, window.lengthMs, covered.current.start, usd)),
    exchanges: Object.fromEntries(shown.map((name) => [name, sideStatistics(ofExchange(totals, name))])),
  };
}
