import type { Config } from "../config.ts";
import { coverageOf } from "../exchanges/coverage.ts";
import type { Gap } from "../gap.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import type { Liquidation, PositionSide } from "../liquidation.ts";
import type { MinuteMark } from "../minute-mark.ts";
import { gapsOfWindow } from "../windows/assemble-window.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { SymbolWindow } from "../windows/symbol-window.ts";
import { LATE_FRAMES_MS } from "../lateness.ts";
import type { CascadeNow, FlowMinute, MarketNow, SideFlow, SignalInput } from "./signal-input.ts";
import type { SpikeDecision } from "./spike-rule.ts";

const FLOW_MINUTES = 15;
/** The fields of a liquidation older than this no longer describe the market. */
const LATEST_EVENT_MS = 5 * MINUTE_MS;
/** A mark older than this is stale, and so is one this far from the start of a return. */
const MARK_AGE_MS = 5 * MINUTE_MS;

/** The USD liquidated on one side in one minute; null where it is unknown for every event. */
export interface FlowRow {
  readonly minute: number;
  readonly position_side: PositionSide;
  readonly usd: number | null;
}

export type MarkRow = Pick<MinuteMark, "minute" | "high" | "low" | "close">;

type MarketAtEvent = Exclude<Extract<keyof MarketNow, keyof Liquidation>, "mark_price">;
type SideAtEvent = Exclude<keyof SideFlow, "age_ms">;
/** The fields of a liquidation that describe the market and its own side. */
export type LatestRow = Pick<Liquidation, "event_time" | MarketAtEvent | SideAtEvent>;

/** The rows that describe one side; undefined where there is none. */
export interface SideRows {
  readonly latest: LatestRow | undefined;
  readonly cascade: CascadeNow | undefined;
}

/** The rows that the input of a signal is assembled from, read from D1 or from the memory of a replay. */
export interface SignalInputRows {
  readonly config: Pick<Config, "LIQUIDATION_EXCHANGES">;
  /** The compared window. */
  readonly symbolWindow: SymbolWindow;
  /** The standard windows of the symbol, and the compared one. */
  readonly symbolWindows: readonly SymbolWindow[];
  readonly decision: SpikeDecision;
  readonly gaps: readonly Gap[];
  readonly flow: readonly FlowRow[];
  /** Marks of the ranges `dayMarks` and `recentMarks`, oldest first. */
  readonly marks: readonly MarkRow[];
  readonly sides: Readonly<Record<PositionSide, SideRows>>;
}

/** The ranges that a decision at `minute` reads its rows from. */
export interface SignalInputRanges {
  readonly flow: TimeRange;
  /** Marks of about a day ago. */
  readonly dayMarks: TimeRange;
  readonly recentMarks: TimeRange;
  /** The range of the latest liquidation of each side, by event time. */
  readonly latest: TimeRange;
  /** The latest cascade is one that began in this range. */
  readonly cascades: TimeRange;
}

export function signalInputRanges(minute: number): SignalInputRanges {
  return {
    flow: before(minute, FLOW_MINUTES * MINUTE_MS),
    dayMarks: before(minute - DAY_MS, MARK_AGE_MS),
    recentMarks: before(minute, HOUR_MS + MARK_AGE_MS),
    latest: before(minute - LATE_FRAMES_MS, LATEST_EVENT_MS),
    cascades: before(minute, HOUR_MS),
  };
}

function before(end: number, lengthMs: number): TimeRange {
  return { start: end - lengthMs, end };
}

/** The complete input of a spike's decision: everything was measured before its minute. */
export function assembleSignalInput({
  config,
  symbolWindow,
  symbolWindows,
  decision,
  gaps,
  flow,
  marks,
  sides,
}: SignalInputRows): SignalInput {
  const { symbol, as_of_time: minute } = symbolWindow;
  const side = ({ latest, cascade }: SideRows) => ({
    latest: latest === undefined ? null : sideFlow(latest, minute),
    cascade: cascade ?? null,
  });
  return {
    symbol,
    minute,
    window: symbolWindow.window,
    trigger: { sides: decision.sides, severity_usd: decision.severity_usd },
    windows: symbolWindows.map(({ exchanges: _venues, symbol: _symbol, as_of_time: _time, ...window }) => window),
    exchanges: symbolWindow.exchanges,
    coverage: coverageOf(
      config,
      EXCHANGES.filter((name) => symbolWindow.exchanges[name] !== undefined),
    ),
    gaps: gapsOfWindow(gaps, symbolWindow),
    flow: flowMinutes(minute, flow, marks),
    market: marketNow(minute, marks, latestOf(sides)),
    sides: { long: side(sides.long), short: side(sides.short) },
  };
}

/** The later of both sides' latest liquidations; at the same time that of the short side. */
function latestOf({ long, short }: SignalInputRows["sides"]): LatestRow | undefined {
  return (long.latest?.event_time ?? 0) > (short.latest?.event_time ?? 0) ? long.latest : short.latest;
}

function flowMinutes(end: number, flow: readonly FlowRow[], marks: readonly MarkRow[]): readonly FlowMinute[] {
  return Array.from({ length: FLOW_MINUTES }, (_, index) => {
    const minute = end - (FLOW_MINUTES - index) * MINUTE_MS;
    const usd = (side: PositionSide) => flow.find((row) => row.minute === minute && row.position_side === side)?.usd ?? 0;
    const mark = marks.find((row) => row.minute === minute);
    return {
      minute,
      long_usd: usd("long"),
      short_usd: usd("short"),
      mark_high: mark?.high ?? null,
      mark_low: mark?.low ?? null,
      mark_close: mark?.close ?? null,
    };
  });
}

function marketNow(minute: number, marks: readonly MarkRow[], event: LatestRow | undefined): MarketNow {
  const mark = markBefore(marks, minute);
  const returnOver = (length: number) => {
    const earlier = mark === null ? null : markBefore(marks, mark.minute + MINUTE_MS - length);
    return mark === null || earlier === null ? null : 1e4 * (mark.close / earlier.close - 1);
  };
  return {
    mark_price: mark?.close ?? null,
    mark_time: mark?.minute ?? null,
    return_5m_bps: returnOver(5 * MINUTE_MS),
    return_15m_bps: returnOver(15 * MINUTE_MS),
    return_1h_bps: returnOver(HOUR_MS),
    return_24h_bps: returnOver(DAY_MS),
    index_price: event?.index_price ?? null,
    funding_rate: event?.funding_rate ?? null,
    open_interest_usd: event?.open_interest_usd ?? null,
    spread_bps: event?.spread_bps ?? null,
    imbalance_ratio: event?.imbalance_ratio ?? null,
    volatility_5m: event?.volatility_5m ?? null,
    event_age_ms: event === undefined ? null : minute - event.event_time,
  };
}

/** The last mark of a minute that ended by `time`, if it is not too old. */
function markBefore(marks: readonly MarkRow[], time: number): MarkRow | null {
  return marks.findLast((row) => row.minute + MINUTE_MS <= time && row.minute >= time - MARK_AGE_MS) ?? null;
}

function sideFlow(row: LatestRow, minute: number): SideFlow {
  return {
    age_ms: minute - row.event_time,
    cum_usd_1m: row.cum_usd_1m,
    cum_usd_5m: row.cum_usd_5m,
    cum_usd_15m: row.cum_usd_15m,
    velocity_usd_per_s: row.velocity_usd_per_s,
    branching_ratio: row.branching_ratio,
    cascade_score: row.cascade_score,
    concurrent_exchanges: row.concurrent_exchanges,
    dominant_exchange: row.dominant_exchange,
  };
}
