import { flowUsd } from "../flow-usd.ts";
import type { ExchangeName, PositionSide } from "../liquidation.ts";
import { type CascadeConstants, type CascadeState, floorUsd, type Severity, severityOf } from "./cascade-record.ts";
import { type FirstVenue, firstVenue } from "./first-venue.ts";
import type { Flow } from "./flow.ts";
import { type FlowEvent, flowOnset, peakWithin } from "./flow-onset.ts";
import type { HubEvent } from "./hub-event.ts";
import {
  expectedMoveBps,
  firstMarkOf,
  firstMarks,
  keepMark,
  largestMove,
  type MarkMove,
  moveSince,
  type SeenMark,
  seenMark,
} from "./mark-move.ts";
import { type Tally, VELOCITY_MS } from "./tally.ts";

/** The flow of a symbol and side at an event, as the machine needs it. */
export interface CascadeObservation {
  readonly event: HubEvent;
  readonly flow: Flow;
  /** The velocity needed to begin a cascade, USD/s. */
  minVelocity(): number;
  /** The known events of this side after a time, in order of time, including those with a later time than the event. */
  eventsAfter(time: number): readonly FlowEvent[];
  /** The USD of this side in so much time before a moment. */
  usdBefore(time: number, lengthMs: number): number;
  /** The five-minute volatility before a flow began; null where none is known. */
  volatilityBefore(flowStart: number): number | null;
  /** The USD of the other side in the same window. */
  oppositeUsd(): number;
}

/** The time of a venue's first event of a burst, ms; venues without an event are absent. */
export type FirstTimes = Readonly<Partial<Record<ExchangeName, number>>>;

/** A cascade that is building or running. */
export interface Running {
  readonly id: string;
  readonly state: Exclude<CascadeState, "ended">;
  readonly startTime: number;
  readonly events: number;
  readonly usd: number;
  /** The venue whose own flow began first; null where none is known to. */
  readonly first: FirstVenue | null;
  /** Time of the first event of each venue since the start. */
  readonly firsts: FirstTimes;
  /** Each venue's first mark since the start. */
  readonly starts: readonly SeenMark[];
  readonly move: MarkMove | null;
  readonly severity: Severity;
  readonly marketWide: boolean;
  readonly peakVelocity: number;
  /** The most USD in any one second, the time of the event that completed it, and the most in any five. */
  readonly peakUsd1s: number;
  readonly peakTime: number;
  readonly peakUsd5s: number;
  /** The velocity under which a cascade no longer builds, USD/s. */
  readonly minVelocity: number;
  /** Time of the event with which it began to build. */
  readonly begunTime: number;
  /** The move that made it active, bps; null while it builds. */
  readonly barBps: number | null;
  /** Receipt of the event with which the sums began: events received with it are in its first sums. */
  readonly begunReceived: number;
  /** Time of the last counted event. */
  readonly lastTime: number;
  /** Time of the last event at which the window reached its minimum USD. */
  readonly lastAboveTime: number;
  readonly lastVelocity: number;
  /** Time since which the velocity is below half its peak; null while it is not. */
  readonly slowSince: number | null;
  /** Time of the last event while active; null before. */
  readonly lastActiveTime: number | null;
}

/** The state of one symbol and side; a plain value, so that it can be stored as JSON. */
export interface SideCascade {
  readonly symbol: string;
  readonly side: PositionSide;
  readonly marks: readonly SeenMark[];
  readonly running: Running | null;
  /** The last ended cascade, which a close neighbour continues. */
  readonly ended: Running | null;
}

/** Marks reach back this far: the start of a cascade lies within it when it becomes active, ms. */
const MARKS_MS = 300_000;
/** A flow that has been building for longer is compared with the volatility of this long ago, ms. */
const MAX_FLOW_MS = 900_000;

/** The state after an event. */
export function takeEvent(side: SideCascade, observation: CascadeObservation, constants: CascadeConstants): SideCascade {
  const { event } = observation;
  const seen = seenMark(event);
  const marks = seen === null ? side.marks : keepMark(side.marks, seen, event.event_time - MARKS_MS);
  const { running } = side;
  // An event that arrives later than the window says nothing about the present: it only corrects the totals.
  if (running !== null && event.event_time < running.lastTime - constants.window_s * 1000)
    return { ...side, running: count(running, event) };
  const next = { ...side, marks };
  if (running !== null && running.state !== "building") {
    const moved = follow(count(running, event), seen, event.position_side === "long");
    return { ...next, running: judge(withPeaks(moved, observation), observation, constants) };
  }
  const building = build(next, observation, constants);
  const active = building === null ? null : activate(building, next, seen, observation, constants);
  return { ...next, running: active ?? building };
}

/** The state after time has passed; `null` where the running cascade ended. */
export function passTime(running: Running, now: number, constants: CascadeConstants): Running | null {
  if (now - running.lastAboveTime >= constants.end_s * 1000) return null;
  const velocity = running.lastVelocity * Math.exp(-Math.max(0, now - running.lastTime) / VELOCITY_MS);
  if (running.state === "building" && velocity < running.minVelocity) return null;
  return slow(running, velocity, now, constants);
}

/** Merges the ended cascade and its neighbour; `between` counts events after the last one of the ended cascade. */
export function mergeRunning(ended: Running, next: Running, between: Tally): Running {
  const nextIsPeak = next.peakUsd1s > ended.peakUsd1s;
  return {
    ...next,
    id: ended.id,
    startTime: ended.startTime,
    events: ended.events + between.events,
    usd: ended.usd + between.usd,
    first: ended.first,
    firsts: { ...next.firsts, ...ended.firsts },
    starts: ended.starts,
    move: (ended.move?.bps ?? -Infinity) > (next.move?.bps ?? -Infinity) ? ended.move : next.move,
    severity: ended.severity > next.severity ? ended.severity : next.severity,
    marketWide: ended.marketWide || next.marketWide,
    peakUsd1s: Math.max(ended.peakUsd1s, next.peakUsd1s),
    peakUsd5s: Math.max(ended.peakUsd5s, next.peakUsd5s),
    peakVelocity: nextIsPeak ? next.peakVelocity : ended.peakVelocity,
    peakTime: nextIsPeak ? next.peakTime : ended.peakTime,
    lastTime: Math.max(ended.lastTime, next.lastTime),
    lastAboveTime: Math.max(ended.lastAboveTime, next.lastAboveTime),
  };
}

export function withSeverity(running: Running, symbol: string, constants: CascadeConstants): Running {
  const { usd, move, barBps, marketWide } = running;
  const severity = severityOf(usd, floorUsd(symbol, constants), move?.bps ?? 0, barBps ?? Infinity, marketWide);
  return severity > running.severity ? { ...running, severity } : running;
}

/** Begins to build, goes on building, or stops where the velocity is under the minimum. */
function build(side: SideCascade, observation: CascadeObservation, constants: CascadeConstants): Running | null {
  const { event, flow } = observation;
  const minVelocity = observation.minVelocity();
  const isNewest = event.event_time >= (side.running?.lastTime ?? -Infinity);
  if (isNewest && flow.velocity < minVelocity) return null;
  const isAbove = isAboveFloor(observation, constants);
  if (side.running !== null) {
    const counted = count(side.running, event);
    return {
      ...counted,
      minVelocity,
      lastTime: Math.max(counted.lastTime, event.event_time),
      lastAboveTime: isAbove ? Math.max(counted.lastAboveTime, event.event_time) : counted.lastAboveTime,
      lastVelocity: isNewest ? flow.velocity : counted.lastVelocity,
    };
  }
  if (!isAbove) return null;
  const from = event.event_time - constants.window_s * 1000;
  return {
    ...began(side, event, observation.eventsAfter(from), from),
    state: "building",
    starts: [],
    move: null,
    severity: 1,
    marketWide: false,
    peakVelocity: flow.velocity,
    peakUsd1s: 0,
    peakTime: event.event_time,
    peakUsd5s: 0,
    minVelocity,
    begunTime: event.event_time,
    barBps: null,
    begunReceived: event.received_time,
    lastTime: event.event_time,
    lastAboveTime: event.event_time,
    lastVelocity: flow.velocity,
    slowSince: null,
    lastActiveTime: null,
  };
}

/**
 * The active cascade; null where the mark of a venue has not moved enough over the window, the
 * other side has too much of the USD, or no volatility is known yet.
 */
function activate(
  building: Running,
  { symbol, side, marks }: SideCascade,
  seen: SeenMark | null,
  observation: CascadeObservation,
  constants: CascadeConstants,
): Running | null {
  const { event, flow } = observation;
  if (seen === null || !isAboveFloor(observation, constants)) return null;
  const isLong = side === "long";
  const before = firstMarkOf(seen.exchange, marks, event.event_time - constants.window_s * 1000);
  const move = before === null ? null : moveSince([before], seen, isLong);
  // Most events of a flow that moves nothing need no more than this.
  if (move === null || move.bps < 0) return null;
  const volatility = observation.volatilityBefore(Math.max(building.startTime, event.event_time - MAX_FLOW_MS));
  if (volatility === null) return null;
  const barBps = expectedMoveBps(volatility, constants.move_sigmas, constants.window_s);
  if (move.bps < barBps) return null;
  if (flow.usd90s / (flow.usd90s + observation.oppositeUsd()) < constants.side_dominance) return null;
  const from = Math.max(building.begunTime, event.event_time - MARKS_MS) - constants.window_s * 1000;
  const start = began({ symbol, side }, event, observation.eventsAfter(from), from);
  const since = observation.eventsAfter(start.startTime - 1);
  const starts = firstMarks(marks, start.startTime);
  const second = peakWithin(since, 1_000);
  return {
    ...building,
    ...start,
    state: "active",
    starts,
    move: largestMove(
      starts,
      marks.filter(({ time }) => time >= start.startTime),
      isLong,
    ),
    peakVelocity: Math.max(building.peakVelocity, flow.velocity),
    peakUsd1s: second.usd,
    peakTime: second.time,
    peakUsd5s: peakWithin(since, 5_000).usd,
    barBps,
    begunReceived: event.received_time,
    lastActiveTime: building.lastTime,
  };
}

/** A cascade from the onset of the flow within these events. */
function began(
  { symbol, side }: Pick<SideCascade, "symbol" | "side">,
  event: HubEvent,
  events: readonly FlowEvent[],
  from: number,
): Pick<Running, "id" | "startTime" | "events" | "usd" | "first" | "firsts"> {
  const onset = flowOnset(events, from);
  const since = events.slice(onset ?? 0);
  const startTime = since[0]?.time ?? event.event_time;
  return {
    id: `${symbol}-${side}-${startTime}`,
    startTime,
    events: since.length,
    usd: since.reduce((sum, { usd }) => sum + usd, 0),
    first: firstVenue(events, from, startTime),
    // In order of time, so that the first of each venue is written last.
    firsts: Object.fromEntries(since.toReversed().map(({ exchange, time }) => [exchange, time])),
  };
}

function count(running: Running, event: HubEvent): Running {
  if (event.event_time < running.startTime || event.received_time === running.begunReceived) return running;
  return {
    ...running,
    events: running.events + 1,
    usd: running.usd + (flowUsd(event) ?? 0),
    firsts: { ...running.firsts, [event.exchange]: Math.min(event.event_time, running.firsts[event.exchange] ?? Infinity) },
  };
}

/** A venue without a mark at the start is followed from its first one. */
function follow(running: Running, seen: SeenMark | null, isLong: boolean): Running {
  if (seen === null) return running;
  const isKnown = running.starts.some(({ exchange }) => exchange === seen.exchange);
  const starts = isKnown ? running.starts : [...running.starts, seen];
  const move = moveSince(starts, seen, isLong);
  return { ...running, starts, move: move !== null && move.bps > (running.move?.bps ?? -Infinity) ? move : running.move };
}

function withPeaks(running: Running, { event, usdBefore }: CascadeObservation): Running {
  const usd1s = usdBefore(event.event_time, 1_000);
  const isPeak = usd1s > running.peakUsd1s;
  return {
    ...running,
    peakUsd1s: isPeak ? usd1s : running.peakUsd1s,
    peakTime: isPeak ? event.event_time : running.peakTime,
    peakUsd5s: Math.max(running.peakUsd5s, usdBefore(event.event_time, 5_000)),
  };
}

function judge(running: Running, observation: CascadeObservation, constants: CascadeConstants): Running {
  const { event } = observation;
  const { velocity } = observation.flow;
  const isNewest = event.event_time >= running.lastTime;
  const judged: Running = {
    ...running,
    peakVelocity: Math.max(running.peakVelocity, velocity),
    lastTime: Math.max(running.lastTime, event.event_time),
    lastAboveTime: isAboveFloor(observation, constants) ? Math.max(running.lastAboveTime, event.event_time) : running.lastAboveTime,
    lastVelocity: isNewest ? velocity : running.lastVelocity,
  };
  const paced = isNewest ? slow(judged, velocity, event.event_time, constants) : judged;
  return paced.state === "active" ? { ...paced, lastActiveTime: paced.lastTime } : paced;
}

function slow(running: Running, velocity: number, now: number, constants: CascadeConstants): Running {
  if (running.state === "building") return running;
  if (velocity >= constants.cooling_velocity_share * running.peakVelocity) return { ...running, state: "active", slowSince: null };
  const slowSince = running.slowSince ?? now;
  return { ...running, slowSince, state: now - slowSince >= constants.cooling_s * 1000 ? "cooling" : running.state };
}

function isAboveFloor({ flow, event }: CascadeObservation, constants: CascadeConstants): boolean {
  return flow.events90s >= constants.min_events && flow.usd90s >= floorUsd(event.symbol, constants);
}
