import type { Config } from "../../src/config.ts";
import { publishingVenues } from "../../src/exchanges/coverage.ts";
import type { PositionSide } from "../../src/liquidation.ts";
import type { MinuteMark } from "../../src/minute-mark.ts";
import { type LatestRow, assembleSignalInput, dayRangeOf, signalInputRanges } from "../../src/signals/assemble-signal-input.ts";
import type { FlowRow } from "../../src/signals/flow-minutes.ts";
import { strongestKnown } from "../../src/market-state/correlations.ts";
import { pathVenue } from "../../src/signals/path-venue.ts";
import type { Trigger } from "../../src/signals/trigger.ts";
import { decidingAnalyst } from "../../src/signals/verdict.ts";
import type { CascadeNow, SignalInput } from "../../src/signals/signal-input.ts";
import { expectedCost, minutesBefore, statedCostBps } from "../../src/grades/trading-cost.ts";
import { MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import type { SymbolWindow } from "../../src/windows/symbol-window.ts";
import { latestCorrelations, latestCorrelationsOf } from "../d1/market-correlations.ts";
import { RowMeter, meteredDatabase } from "../d1/row-meter.ts";
import { rowsOf } from "../d1/rows-of.ts";
import { readWindowEstimates } from "../d1/window-estimates.ts";
import { venueRows, venueRowsOf } from "../d1/venue-rows.ts";
import type { SymbolWindows } from "../d1/window-reads.ts";
import { MARKS_OF_ALL_VENUES } from "./mark-paths.ts";
import { gradedSpikes, gradedSpikesOf } from "./spike-history.ts";

export const FLOW = `
  SELECT minute, position_side, sum(usd) AS usd FROM minute_totals
  WHERE symbol = ?1 AND minute >= ?2 AND minute < ?3 GROUP BY minute, position_side`;
const LATEST = `
  SELECT * FROM liquidations
  WHERE symbol = ?1 AND event_time >= ?2 AND event_time < ?3 AND position_side = ?4 AND coverage <> 'inferred'
  ORDER BY event_time DESC, event_id DESC LIMIT 1`;
const CASCADES = `
  SELECT position_side, state, start_time, end_time, usd, peak_usd_per_s, move_bps, severity, market_wide
  FROM cascades WHERE symbol = ?1 AND start_time >= ?2 AND start_time < ?3 ORDER BY start_time DESC`;

/** The extremes of a venue's marks, by their key: 1,440 rows of a day. */
const EXTREMES = `
  SELECT count(*) AS minutes, max(high) AS high, min(low) AS low FROM minute_marks
  WHERE symbol = ?1 AND exchange = ?4 AND minute >= ?2 AND minute < ?3`;

interface DayRangeRow {
  readonly minutes: number;
  readonly high: number | null;
  readonly low: number | null;
}

type CascadeRow = Omit<CascadeNow, "market_wide"> & { readonly position_side: PositionSide; readonly market_wide: number };

export interface ReadInput {
  readonly input: SignalInput;
  readonly rowsRead: number;
}

/** A window that is decided on, why, and the time up to which liquidations were known, ms. */
export interface JudgedWindow {
  readonly symbolWindow: SymbolWindow;
  readonly trigger: Trigger;
  readonly knownTime: number;
}

/** Reads the input of a decision from D1. */
export async function readSignalInput(
  db: D1Database,
  config: Config,
  { symbolWindow, trigger, knownTime }: JudgedWindow,
  { symbolWindows, gaps }: SymbolWindows,
): Promise<ReadInput> {
  const { symbol, as_of_time: minute } = symbolWindow;
  const ranges = signalInputRanges(minute);
  const knownMinute = floorTo(knownTime, MINUTE_MS);
  const inRange = (sql: string, { start, end }: TimeRange, ...more: readonly string[]) => db.prepare(sql).bind(symbol, start, end, ...more);
  const results = await db.batch([
    inRange(FLOW, ranges.flow),
    inRange(MARKS_OF_ALL_VENUES, ranges.dayMarks),
    // For the path and for the cost, whose hour ends with the last whole minute.
    inRange(MARKS_OF_ALL_VENUES, ranges.recentMarks),
    inRange(LATEST, ranges.latest, "long"),
    inRange(LATEST, ranges.latest, "short"),
    inRange(CASCADES, ranges.cascades),
    gradedSpikes(db, minute),
    ...venueRows(db, symbol, minute, knownTime),
    latestCorrelations(db, symbol, knownTime),
  ]);
  const windows = symbolWindows.filter((one) => one.symbol === symbol);
  const meter = new RowMeter();
  const estimates = await readWindowEstimates(meteredDatabase(db, meter), {
    symbol,
    windows,
    exchanges: publishingVenues(config),
    knownTime,
  });
  const [flow, dayMarks, recentMarks, long, short, cascades, graded, venueMarks, ranked, correlated] = results;
  const recent = rowsOf<MinuteMark>(recentMarks);
  const exchange = pathVenue(recent, knownMinute);
  const day = exchange === null ? null : await inRange(EXTREMES, ranges.day, exchange).all<DayRangeRow>();
  const [extremes] = day?.results ?? [];
  const cost = minutesBefore(knownMinute);
  const costMarks = recent.filter((mark) => mark.minute >= cost.start && mark.minute < cost.end);
  const { LIQUIDATION_TAKER_FEES_BPS: fees } = config;
  const side = (name: PositionSide, latest: D1Result | undefined) => ({
    latest: rowsOf<LatestRow>(latest)[0],
    cascade: cascadeNow(rowsOf<CascadeRow>(cascades).find((row) => row.position_side === name)),
  });
  const input = assembleSignalInput({
    config,
    knownTime,
    symbolWindow,
    symbolWindows: windows,
    estimates,
    trigger,
    gaps,
    flow: rowsOf<FlowRow>(flow),
    marks: [...rowsOf<MinuteMark>(dayMarks), ...recent].filter((mark) => mark.exchange === exchange),
    sides: { long: side("long", long), short: side("short", short) },
    venues: venueRowsOf(venueMarks, ranked),
    correlations: strongestKnown(latestCorrelationsOf(correlated), knownTime),
    dayRange: extremes === undefined ? null : dayRangeOf(extremes.minutes, extremes.high, extremes.low),
    breadth: symbolWindows.filter((one) => one.window === symbolWindow.window),
    graded: gradedSpikesOf(graded),
    analyst: decidingAnalyst(config),
    costBps: statedCostBps(expectedCost(costMarks, knownMinute, fees), fees),
  });
  const rowsElsewhere = meter.counts.rows_read + (day?.meta.rows_read ?? 0);
  return { input, rowsRead: results.reduce((rows, result) => rows + result.meta.rows_read, rowsElsewhere) };
}

function cascadeNow(row: CascadeRow | undefined): CascadeNow | undefined {
  if (row === undefined) return undefined;
  const { position_side: _side, market_wide, ...cascade } = row;
  return { ...cascade, market_wide: market_wide === 1 };
}
