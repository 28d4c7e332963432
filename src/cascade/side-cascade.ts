import { flowUsd } from "../flow-usd.ts";
import { type CascadeConstants, floorUsd, severityOf } from "./cascade-record.ts";
import { movedSince, noteUnread, startIn, type Sums, sumsOf } from "./cascade-revision.ts";
import type { Flow } from "./flow.ts";
import type { FlowEvent } from "./flow-onset.ts";
import type { HubEvent } from "./hub-event.ts";
import { expectedMoveBps, firstMarkOf, keepMark, moveSince, type SeenMark, seenMark } from "./mark-move.ts";
import { largerPeaks } from "./peak-usd.ts";
import type { EndedCascade, Running, SideCascade } from "./running-cascade.ts";
import { type Tally, VELOCITY_MS } from "./tally.ts";

/** The flow of a symbol and side at an event, as the machine needs it. */
export interface CascadeObservation {
  readonly event: HubEvent;
  readonly flow: Flow;
  /** The number of the group of events that it was added with. */
  readonly group: number;
  /** The velocity needed to begin a cascade, USD/s. */
  minVelocity(): number;
  /** The known events of this side after a time, in order of time, including those with a later time than the event. */
  readonly eventsAfter: (time: number) => readonly FlowEvent[];
  /** The five-minute volatility before a flow began; null where none is known. */
  volatilityBefore(flowStart: number): number | null;
  /** The USD of the other side in the same window. */
  oppositeUsd(): number;
}

/** Marks reach back this far: the start of a cascade lies within it when it becomes active, ms. */
const MARKS_MS = 300_000;
/** A flow that has been building for longer is compared with the volatility of this long ago, ms. */
const MAX_FLOW_MS = 900_000;

/** The state after an event. */
export function takeEvent(side: SideCascade, observation: CascadeObservation, constants: CascadeConstants): SideCascade {
  const { event, group } = observation;
  const { running } = side;
  const isRunning = running !== null && running.state !== "building";
  const ended = isRunning && event.event_time >= running.startTime ? side.ended : countInEnded(side.ended, event, group);
  // An event of an ended cascade, or one that arrives later than the window, says nothing about the present.
  if (ended !== side.ended && !isRunning) return { ...side, ended };
  if (running !== null && event.event_time < running.lastTime - constants.window_s * 1000)
    return { ...side, ended, running: count(running, event, group) };
  const seen = seenMark(event);
  const marks = seen === null ? side.marks : keepMark(side.marks, seen, event.event_time - MARKS_MS);
  const next = { ...side, ended, marks };
  if (isRunning)
    return { ...next, running: judge(follow(count(running, event, group), seen, event.position_side === "long"), observation, constants) };
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
  return {
    ...next,
    ...largerPeaks(ended, next),
    id: ended.id,
    startTime: ended.startTime,
    stretch: ended.stretch,
    events: ended.events + between.events,
    usd: ended.usd + between.usd,
    first: ended.first,
    firsts: { ...next.firsts, ...ended.firsts },
    summed: { ...next.summed, from: ended.summed.group === next.summed.group ? ended.summed.from : ended.lastTime },
    starts: ended.starts,
    move: (ended.move?.bps ?? -Infinity) > (next.move?.bps ?? -Infinity) ? ended.move : next.move,
    severity: ended.severity > next.severity ? ended.severity : next.severity,
    marketWide: ended.marketWide || next.marketWide,
    peakVelocity: next.peakUsd1s > ended.peakUsd1s ? next.peakVelocity : ended.peakVelocity,
    unread: [...new Set([...ended.unread, ...secondsBetween(ended.lastTime, next.startTime)])],
    lastTime: Math.max(ended.lastTime, next.lastTime),
    lastAboveTime: Math.max(ended.lastAboveTime, next.lastAboveTime),
  };
}

export function withSeverity<Kind extends Running>(running: Kind, symbol: string, constants: CascadeConstants): Kind {
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
    const counted = count(side.running, event, observation.group);
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
    ...began(side, observation, from),
    state: "building",
    starts: [],
    move: null,
    severity: 1,
    marketWide: false,
    peakVelocity: flow.velocity,
    minVelocity,
    begunTime: event.event_time,
    barBps: null,
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
  side: SideCascade,
  seen: SeenMark | null,
  observation: CascadeObservation,
  constants: CascadeConstants,
): Running | null {
  const { event, flow } = observation;
  if (seen === null || !isAboveFloor(observation, constants)) return null;
  const before = firstMarkOf(seen.exchange, side.marks, event.event_time - constants.window_s * 1000);
  const move = before === null ? null : moveSince([before], seen, side.side === "long");
  // Most events of a flow that moves nothing need no more than this.
  if (move === null || move.bps < 0) return null;
  const volatility = observation.volatilityBefore(Math.max(building.startTime, event.event_time - MAX_FLOW_MS));
  if (volatility === null) return null;
  const barBps = expectedMoveBps(volatility, constants.move_sigmas, constants.window_s);
  if (move.bps < barBps) return null;
  if (flow.usd90s / (flow.usd90s + observation.oppositeUsd()) < constants.side_dominance) return null;
  const from = Math.max(building.begunTime, event.event_time - MARKS_MS) - constants.window_s * 1000;
  const start = began(side, observation, from);
  return {
    ...building,
    ...start,
    ...movedSince(building, side, start.startTime),
    state: "active",
    peakVelocity: Math.max(building.peakVelocity, flow.velocity),
    barBps,
    lastActiveTime: building.lastTime,
  };
}

/** A cascade from the onset of the flow within the events that are known since `from`. */
function began(
  { symbol, side }: SideCascade,
  { event, group, eventsAfter }: CascadeObservation,
  from: number,
): Pick<Running, "id" | "startTime" | "first" | "stretch" | "summed" | "unread"> & Sums {
  const events = eventsAfter(from);
  const { startTime, first } = startIn(events, from) ?? { startTime: event.event_time, first: null };
  const upTo = events.at(-1)?.time ?? event.event_time;
  return {
    id: `${symbol}-${side}-${startTime}`,
    startTime,
    first,
    stretch: { from, to: upTo },
    summed: { group, from, upTo },
    unread: [],
    ...sumsOf(events.filter(({ time }) => time >= startTime)),
  };
}

function count<Kind extends Running>(running: Kind, event: HubEvent, group: number): Kind {
  const { stretch, startTime, summed } = running;
  const { event_time: time, exchange } = event;
  if (time <= stretch.from || isSummed(summed, group, time)) return running;
  const noted = running.state === "building" ? running : noteUnread(running, time);
  if (time < startTime) return noted;
  return {
    ...noted,
    events: running.events + 1,
    usd: running.usd + (flowUsd(event) ?? 0),
    firsts: { ...running.firsts, [exchange]: Math.min(time, running.firsts[exchange] ?? Infinity) },
  };
}

function isSummed(summed: Running["summed"], group: number, time: number): boolean {
  return group === summed.group && time > summed.from && time <= summed.upTo;
}

function secondsBetween(from: number, to: number): readonly number[] {
  const [first, last] = [Math.floor(from / 1000), Math.floor(to / 1000)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

/** Counts an event in the last ended cascade that was still going on at its time; the same list where there is none. */
function countInEnded(ended: readonly EndedCascade[], event: HubEvent, group: number): readonly EndedCascade[] {
  const at = ended.findLastIndex(({ stretch, lastTime }) => event.event_time > stretch.from && event.event_time <= lastTime);
  return at === -1 ? ended : ended.map((one, index) => (index === at ? count(one, event, group) : one));
}

/** A venue without a mark at the start is followed from its first one. */
function follow(running: Running, seen: SeenMark | null, isLong: boolean): Running {
  if (seen === null) return running;
  const isKnown = running.starts.some(({ exchange }) => exchange === seen.exchange);
  const starts = isKnown ? running.starts : [...running.starts, seen];
  const move = moveSince(starts, seen, isLong);
  return { ...running, starts, move: move !== null && move.bps > (running.move?.bps ?? -Infinity) ? move : running.move };
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
