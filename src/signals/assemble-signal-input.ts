import type { Config } from "../config.ts";
import { coverageOf } from "../exchanges/coverage.ts";
import type { Gap } from "../gap.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import type { Liquidation, PositionSide } from "../liquidation.ts";
import { gapsOfWindow } from "../windows/assemble-window.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../windows/calendar.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import type { SymbolWindow, WindowBySide } from "../windows/symbol-window.ts";
import type { LaggedCorrelation } from "../market-state/correlations.ts";
import { LATE_FRAMES_MS } from "../lateness.ts";
import { FLOW_MINUTES, type FlowRow, flowMinutes } from "./flow-minutes.ts";
import { breadthOf, flowSizes } from "./flow-size.ts";
import { type GradedSpike, pastOf } from "./past-spikes.ts";
import { MARK_AGE_MS, type MarkRow } from "./path-venue.ts";
import { type DayRange, absorption, pricePath } from "./price-path.ts";
import { type CascadeNow, type MarketNow, type SideFlow, type SignalInput, dominantSide } from "./signal-input.ts";
import { sigmaBeforeBps } from "./sigma-before.ts";
import { sigmaHourBps } from "./sigma-hour.ts";
import { shapeOf } from "./spike-shape.ts";
import { type VenueRows, venuesNow } from "./venue-now.ts";
import type { Analyst } from "./verdict.ts";

/** The fields of a liquidation older than this no longer describe the market. */
const LATEST_EVENT_MS = 5 * MINUTE_MS;

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
  readonly knownTime: number;
  /** The compared window. */
  readonly symbolWindow: SymbolWindow;
  /** The standard windows of the symbol, and the compared one. */
  readonly symbolWindows: readonly SymbolWindow[];
  /** The estimates of those windows. */
  readonly estimates: SignalInput["estimates"];
  /** Why a decision is asked for. */
  readonly trigger: SignalInput["trigger"];
  readonly gaps: readonly Gap[];
  readonly flow: readonly FlowRow[];
  /** Marks of the ranges `dayMarks` and `recentMarks`, oldest first: those of `pathVenue` alone. */
  readonly marks: readonly MarkRow[];
  readonly sides: Readonly<Record<PositionSide, SideRows>>;
  readonly venues: VenueRows;
  /** The strongest correlations of the flow with the market that were known. */
  readonly correlations: readonly LaggedCorrelation[];
  /** Of the same venue; null where it has a mark price in fewer than 80 % of the minutes. */
  readonly dayRange: DayRange | null;
  /** The compared windows of all base assets of the minute. */
  readonly breadth: readonly WindowBySide[];
  /** Those of the latest `MAX_PAST_SPIKES` decided spikes that were graded before the minute, newest first. */
  readonly graded: readonly GradedSpike[];
  /** The analyst that decides, whose past decisions are shown. */
  readonly analyst: Analyst;
  /** The expected cost of a trade, `statedCostBps`. */
  readonly costBps: number;
}

/** The ranges that a decision at `minute` reads its rows from. */
export interface SignalInputRanges {
  readonly flow: TimeRange;
  /** Marks of about a day ago. Which venue's, the recent ones say. */
  readonly dayMarks: TimeRange;
  readonly recentMarks: TimeRange;
  /** The range of the latest liquidation of each side, by event time. */
  readonly latest: TimeRange;
  /** The latest cascade is one that began in this range. */
  readonly cascades: TimeRange;
  /** The marks of the day's extremes. */
  readonly day: TimeRange;
}

export function signalInputRanges(minute: number): SignalInputRanges {
  return {
    flow: before(minute, FLOW_MINUTES * MINUTE_MS),
    dayMarks: before(minute - DAY_MS, MARK_AGE_MS),
    recentMarks: before(minute, HOUR_MS + MARK_AGE_MS),
    latest: before(minute - LATE_FRAMES_MS, LATEST_EVENT_MS),
    cascades: before(minute, HOUR_MS),
    day: before(minute, DAY_MS),
  };
}

function before(end: number, lengthMs: number): TimeRange {
  return { start: end - lengthMs, end };
}

/** The complete input of a spike's decision: everything was measured before its minute. */
export function assembleSignalInput({
  config,
  knownTime,
  symbolWindow,
  symbolWindows,
  estimates,
  trigger,
  gaps,
  flow,
  marks,
  sides,
  venues,
  correlations,
  dayRange,
  breadth,
  graded,
  analyst,
  costBps,
}: SignalInputRows): SignalInput {
  const { symbol, as_of_time: minute } = symbolWindow;
  const side = ({ latest, cascade }: SideRows) => ({
    latest: latest === undefined ? null : sideFlow(latest, minute),
    cascade: cascade ?? null,
  });
  const coverage = coverageOf(
    config,
    EXCHANGES.filter((name) => symbolWindow.exchanges[name] !== undefined),
  );
  const windows = symbolWindows.map(({ exchanges: _venues, symbol: _symbol, as_of_time: _time, ...window }) => window);
  const flowNow = flowMinutes(minute, flow, marks);
  const market = marketNow(minute, marks, latestOf(sides));
  const dominant = dominantSide({ window: symbolWindow.window, windows })?.side ?? null;
  const measured = {
    window: symbolWindow.window,
    windows,
    flow: flowNow,
    market,
    size: flowSizes(symbolWindow, coverage),
    path: pricePath(flowNow, dominant, market.sigma_before_bps, market.mark_price, dayRange),
    breadth: breadthOf(symbol, breadth),
  };
  const { venues: known, squeeze } = venuesNow(config, symbolWindow, knownTime, venues);
  return {
    symbol,
    minute,
    known_time: knownTime,
    trigger,
    exchanges: symbolWindow.exchanges,
    coverage,
    gaps: gapsOfWindow(gaps, symbolWindow),
    sides: { long: side(sides.long), short: side(sides.short) },
    ...measured,
    estimates,
    venues: known,
    market_state: { squeeze, correlations },
    absorption: absorption(flowNow, dominant),
    past: pastOf(shapeOf(measured), graded, analyst),
    cost_bps: costBps,
    sigma_1h_bps: sigmaHourBps(marks, minute, market.volatility_5m),
  };
}

/** The later of both sides' latest liquidations; at the same time that of the short side. */
function latestOf({ long, short }: SignalInputRows["sides"]): LatestRow | undefined {
  return (long.latest?.event_time ?? 0) > (short.latest?.event_time ?? 0) ? long.latest : short.latest;
}

/** Fewer minutes than this share of a day do not tell its extremes. */
const MIN_DAY_SHARE = 0.8;

/** The extremes of a day's marks, if enough minutes are known. */
export function dayRangeOf(minutes: number, high: number | null, low: number | null): DayRange | null {
  const enough = minutes * MINUTE_MS >= MIN_DAY_SHARE * DAY_MS;
  return enough && high !== null && low !== null ? { high, low } : null;
}

function marketNow(minute: number, marks: readonly MarkRow[], event: LatestRow | undefined): MarketNow {
  const mark = markBefore(marks, minute);
  const returnOver = (length: number) => {
    const earlier = mark === null ? null : markBefore(marks, mark.minute + MINUTE_MS - length);
    return mark === null || earlier === null ? null : 1e4 * (mark.close / earlier.close - 1);
  };
  return {
    mark_exchange: mark?.exchange ?? null,
    mark_price: mark?.close ?? null,
    mark_time: mark?.minute ?? null,
    return_5m_bps: returnOver(5 * MINUTE_MS),
    return_15m_bps: returnOver(15 * MINUTE_MS),
    return_1h_bps: returnOver(HOUR_MS),
    return_24h_bps: returnOver(DAY_MS),
    sigma_before_bps: sigmaBeforeBps(marks, minute),
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
