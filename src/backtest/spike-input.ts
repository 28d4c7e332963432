import { exchanges } from "../exchanges/registry.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import type { ExchangeName, PositionSide } from "../liquidation.ts";
import type { FlowMinute, MarketNow, SideFlow, SignalInput } from "../signals/signal-input.ts";
import type { SpikeDecision } from "../signals/spike-rule.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../windows/calendar.ts";
import type { WindowReading } from "../windows/window-reading.ts";
import { LATE_FRAMES_MS } from "../windows/window.ts";
import type { Mark, MarkBook } from "./mark-book.ts";
import type { Known } from "./read-window.ts";
import type { ReplayedEvent } from "./replayed-event.ts";

const FLOW_MINUTES = 15;
/** What was known at a liquidation older than this is not now. */
const LATEST_EVENT_MS = 5 * MINUTE_MS;
/** A mark older than this is not the mark; nor is one this far from the time a return is asked from. */
const MARK_AGE_MS = 5 * MINUTE_MS;

interface Spike {
  readonly known: Known;
  readonly marks: MarkBook;
  readonly configured: readonly ExchangeName[];
  /** The compared window. */
  readonly reading: WindowReading;
  /** The standard windows and the compared one. */
  readonly readings: readonly WindowReading[];
  readonly decision: SpikeDecision;
}

/**
 * What a spike is decided on: the input that `readSignalInput` reads from D1 live, from memory. The state of cascades is
 * kept by the hub and in no file, so `cascade` is null on both sides; the rule model does not read it.
 */
export function spikeInput({ known, marks, configured, reading, readings, decision }: Spike): SignalInput {
  const { symbol, as_of_time: minute } = reading;
  const seen = marksKnown(marks, symbol, minute);
  const end = minute - LATE_FRAMES_MS;
  const latest = (side: PositionSide) => known.events.latest(symbol, side, { start: end - LATEST_EVENT_MS, end });
  const [long, short] = [latest("long"), latest("short")];
  const present = EXCHANGES.filter((name) => configured.includes(name) || reading.exchanges[name] !== undefined);
  return {
    symbol,
    minute,
    window: reading.window,
    trigger: { sides: decision.sides, severity_usd: decision.severity_usd },
    windows: readings.map(({ exchanges: _venues, symbol: _symbol, as_of_time: _time, ...window }) => window),
    exchanges: reading.exchanges,
    coverage: Object.fromEntries(present.map((name) => [name, exchanges[name].coverage])),
    gaps: known.gaps.filter(
      ({ from_time: from, to_time: to }) => from < reading.end_time && (to === null || to > reading.previous_start_time),
    ),
    flow: flowMinutes(known, symbol, minute, seen),
    market: marketNow(minute, seen, long, short),
    sides: {
      long: { latest: long === null ? null : sideFlow(long, minute), cascade: null },
      short: { latest: short === null ? null : sideFlow(short, minute), cascade: null },
    },
  };
}

/** The marks a run at `minute` finds around a day ago and in the last hour. */
function marksKnown(marks: MarkBook, symbol: string, minute: number): readonly Mark[] {
  const before = (age: number, length: number) => marks.marks(symbol, { start: minute - age - length, end: minute - age }, minute);
  return [...before(DAY_MS, MARK_AGE_MS), ...before(0, HOUR_MS + MARK_AGE_MS)];
}

function flowMinutes({ events }: Known, symbol: string, end: number, marks: readonly Mark[]): readonly FlowMinute[] {
  return Array.from({ length: FLOW_MINUTES }, (_, index) => {
    const minute = end - (FLOW_MINUTES - index) * MINUTE_MS;
    const usd = events.minutes(symbol).usd({ start: minute, end: minute + MINUTE_MS });
    const mark = marks.find((one) => one.minute === minute);
    return {
      minute,
      long_usd: usd.long ?? 0,
      short_usd: usd.short ?? 0,
      mark_high: mark?.high ?? null,
      mark_low: mark?.low ?? null,
      mark_close: mark?.close ?? null,
    };
  });
}

function marketNow(minute: number, marks: readonly Mark[], long: ReplayedEvent | null, short: ReplayedEvent | null): MarketNow {
  const mark = markBefore(marks, minute);
  const event = (long?.event_time ?? 0) > (short?.event_time ?? 0) ? long : short;
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
    event_age_ms: event === null ? null : minute - event.event_time,
  };
}

/** The last mark of a minute that ended by `time`, if not too old. */
function markBefore(marks: readonly Mark[], time: number): Mark | null {
  return marks.findLast((mark) => mark.minute + MINUTE_MS <= time && mark.minute >= time - MARK_AGE_MS) ?? null;
}

function sideFlow(event: ReplayedEvent, minute: number): SideFlow {
  return {
    age_ms: minute - event.event_time,
    cum_usd_1m: event.cum_usd_1m,
    cum_usd_5m: event.cum_usd_5m,
    cum_usd_15m: event.cum_usd_15m,
    velocity_usd_per_s: event.velocity_usd_per_s,
    branching_ratio: event.branching_ratio,
    cascade_score: event.cascade_score,
    concurrent_exchanges: event.concurrent_exchanges,
    dominant_exchange: event.dominant_exchange,
  };
}
