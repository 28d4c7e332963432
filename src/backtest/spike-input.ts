import type { Config } from "../config.ts";
import { POSITION_SIDES } from "../liquidation-fields.ts";
import type { PositionSide } from "../liquidation.ts";
import { assembleSignalInput, dayRangeOf, signalInputRanges } from "../signals/assemble-signal-input.ts";
import { type FlowRow, flowMinutes } from "../signals/flow-minutes.ts";
import type { FlushFlow } from "../signals/open-flush.ts";
import { sigmaBeforeBps } from "../signals/sigma-before.ts";
import type { GradedSpike } from "../signals/past-spikes.ts";
import { type MarkRow, pathMarks, pathVenue } from "../signals/path-venue.ts";
import type { DayRange } from "../signals/price-path.ts";
import type { SignalInput } from "../signals/signal-input.ts";
import { rankedMinutes, venueMarkRanges } from "../signals/venue-now.ts";
import type { Trigger } from "../signals/trigger.ts";
import type { Analyst } from "../signals/verdict.ts";
import { statedCostBps } from "../grades/trading-cost.ts";
import { MINUTE_MS, floorTo } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { SymbolWindow, WindowBySide } from "../windows/symbol-window.ts";
import type { KnownEvents } from "./known-events.ts";
import type { MarkBook } from "./mark-book.ts";
import type { Known } from "./read-window.ts";

interface Spike {
  readonly known: Known;
  readonly marks: MarkBook;
  /** Those of the minute which is not over, as far as they are known. */
  readonly runningMark: readonly MarkRow[];
  readonly config: Pick<Config, "LIQUIDATION_EXCHANGES" | "LIQUIDATION_TAKER_FEES_BPS">;
  /** The time up to which events were known, ms. */
  readonly knownTime: number;
  /** The compared window. */
  readonly symbolWindow: SymbolWindow;
  /** The standard windows and the compared one. */
  readonly symbolWindows: readonly SymbolWindow[];
  readonly trigger: Trigger;
  /** The compared windows of all base assets of the minute. */
  readonly breadth: readonly WindowBySide[];
  readonly graded: readonly GradedSpike[];
  /** The analyst that decides. */
  readonly analyst: Analyst;
}

/**
 * Reads the input of a spike's decision from memory, as `readSignalInput` reads it live from D1. The hub keeps the
 * state of cascades and no file holds it, so `cascade` is null on both sides; the rule model does not read it.
 */
export function spikeInput({
  known,
  marks,
  runningMark,
  config,
  knownTime,
  symbolWindow,
  symbolWindows,
  trigger,
  breadth,
  graded,
  analyst,
}: Spike): SignalInput {
  const { symbol, as_of_time: minute } = symbolWindow;
  const { LIQUIDATION_TAKER_FEES_BPS: fees } = config;
  const ranges = signalInputRanges(minute);
  const side = (name: PositionSide) => ({
    latest: known.events.latest(symbol, name, ranges.latest) ?? undefined,
    cascade: undefined,
  });
  const recent = [...marks.venueMarks(symbol, ranges.recentMarks, knownTime), ...runningMark];
  const exchange = pathVenue(recent, floorTo(knownTime, MINUTE_MS));
  const marksOf = (range: TimeRange) => (exchange === null ? [] : marks.range({ symbol, exchange }, range, knownTime));
  return assembleSignalInput({
    config,
    knownTime,
    symbolWindow,
    symbolWindows,
    // The fits that estimates rest on are made from more days than a replay keeps.
    estimates: [],
    trigger,
    gaps: known.gaps,
    flow: flowRows(known.events, symbol, ranges.flow),
    marks: [...marksOf(ranges.dayMarks), ...recent.filter((mark) => mark.exchange === exchange)],
    sides: { long: side("long"), short: side("short") },
    venues: {
      marks: venueMarkRanges(minute, knownTime).flatMap((range) => marks.venueMarks(symbol, range, knownTime)),
      ranked: marks.ranked(symbol, rankedMinutes(minute, knownTime)),
    },
    dayRange: dayRange(marksOf(ranges.day)),
    // Correlations are computed once a day from more days than a replay keeps.
    correlations: [],
    breadth,
    graded,
    analyst,
    costBps: statedCostBps(marks.expectedCost(symbol, floorTo(knownTime, MINUTE_MS), fees), fees),
  });
}

/** What tells whether the flush of a spike has turned, as the input of a decision at that minute would have it. */
export function flushFlow(
  { events, marks, runningMark, knownTime }: Pick<Spike, "marks" | "runningMark" | "knownTime"> & Pick<Known, "events">,
  symbol: string,
  minute: number,
): FlushFlow {
  const ranges = signalInputRanges(minute);
  const rows = pathMarks([...marks.venueMarks(symbol, ranges.recentMarks, knownTime), ...runningMark], knownTime);
  return { flow: flowMinutes(minute, flowRows(events, symbol, ranges.flow), rows), sigmaBps: sigmaBeforeBps(rows, minute) };
}

function dayRange(marks: readonly Pick<MarkRow, "high" | "low">[]): DayRange | null {
  const high = marks.reduce((highest, mark) => Math.max(highest, mark.high), -Infinity);
  const low = marks.reduce((lowest, mark) => Math.min(lowest, mark.low), Infinity);
  return dayRangeOf(marks.length, high, low);
}

/** @param range whole minutes */
function flowRows(events: KnownEvents, symbol: string, { start, end }: TimeRange): readonly FlowRow[] {
  const minutes = events.minutes(symbol);
  const rows: FlowRow[] = [];
  for (let minute = start; minute < end; minute += MINUTE_MS) {
    const usd = minutes.usd({ start: minute, end: minute + MINUTE_MS });
    for (const position_side of POSITION_SIDES) rows.push({ minute, position_side, usd: usd[position_side] });
  }
  return rows;
}
