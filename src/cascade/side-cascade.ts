import type { ExchangeName, Liquidation, PositionSide } from "../liquidation.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import { type CascadeConstants, type CascadeState, floorUsd, type Severity, severityOf } from "./cascade-record.ts";
import type { Flow } from "./flow-pass.ts";
import { expectedMoveBps, firstMarks, keepMark, type MarkMove, moveSince, type SeenMark, seenMark } from "./mark-move.ts";
import { type Tally, VELOCITY_MS } from "./tally.ts";

/** The flow of a symbol and side at an event, as the machine needs it. */
export interface CascadeObservation {
  readonly event: Liquidation;
  readonly flow: Flow;
  /** The velocity needed to begin a cascade, USD/s. */
  minVelocity(): number;
  /** The known events of this side since the start of the window, including those with a later time than the event. */
  window(): Tally;
  /** The USD of the other side in the same window. */
  oppositeUsd(): number;
}

/** A cascade that is building or running. */
export interface Running {
  readonly id: string;
  readonly state: Exclude<CascadeState, "ended">;
  readonly startTime: number;
  readonly events: number;
  readonly usd: number;
  readonly firstExchange: ExchangeName;
  readonly exchanges: readonly ExchangeName[];
  readonly starts: readonly SeenMark[];
  readonly move: MarkMove | null;
  readonly severity: Severity;
  readonly marketWide: boolean;
  readonly peakVelocity: number;
  readonly peakTime: number;
  /** Receipt of the event that the cascade began with: events received with it are in its first sums. */
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

/** The state after an event. */
export function takeEvent(side: SideCascade, observation: CascadeObservation, constants: CascadeConstants): SideCascade {
  const { event } = observation;
  const windowMs = constants.window_s * 1000;
  const seen = seenMark(event);
  const marks = seen === null ? side.marks : keepMark(side.marks, seen, event.event_time - windowMs);
  const { running } = side;
  // An event that arrives later than the window says nothing about the present: it only corrects the totals.
  if (running !== null && event.event_time < running.lastTime - windowMs) return { ...side, running: count(running, event) };
  const begun = running === null ? begin({ ...side, marks }, observation, constants) : count(running, event);
  if (begun === null) return { ...side, marks };
  const moved = follow(begun, seen, event.position_side === "long");
  return { ...side, marks, running: judge(moved, observation, constants) };
}

/** The state after time has passed; `null` where the running cascade ended. */
export function passTime(running: Running, now: number, constants: CascadeConstants): Running | null {
  if (now - running.lastAboveTime >= constants.end_s * 1000) return null;
  const velocity = running.lastVelocity * Math.exp(-Math.max(0, now - running.lastTime) / VELOCITY_MS);
  return slow(running, velocity, now, constants);
}

/** Merges the ended cascade and its neighbour; `between` counts events after the last one of the ended cascade. */
export function mergeRunning(ended: Running, next: Running, between: Tally): Running {
  const nextIsPeak = next.peakVelocity > ended.peakVelocity;
  return {
    ...next,
    id: ended.id,
    startTime: ended.startTime,
    events: ended.events + between.events,
    usd: ended.usd + between.usd,
    firstExchange: ended.firstExchange,
    exchanges: EXCHANGES.filter((name) => ended.exchanges.includes(name) || next.exchanges.includes(name)),
    starts: ended.starts,
    move: (ended.move?.bps ?? -Infinity) > (next.move?.bps ?? -Infinity) ? ended.move : next.move,
    severity: ended.severity > next.severity ? ended.severity : next.severity,
    marketWide: ended.marketWide || next.marketWide,
    peakVelocity: nextIsPeak ? next.peakVelocity : ended.peakVelocity,
    peakTime: nextIsPeak ? next.peakTime : ended.peakTime,
    lastTime: Math.max(ended.lastTime, next.lastTime),
    lastAboveTime: Math.max(ended.lastAboveTime, next.lastAboveTime),
  };
}

export function withSeverity(running: Running, symbol: string, constants: CascadeConstants): Running {
  const activeBps = expectedMoveBps(running.starts, constants.move_sigmas, constants.window_s) ?? Infinity;
  const severity = severityOf(running.usd, floorUsd(symbol, constants), running.move?.bps ?? 0, activeBps, running.marketWide);
  return severity > running.severity ? { ...running, severity } : running;
}

function begin(side: SideCascade, observation: CascadeObservation, constants: CascadeConstants): Running | null {
  const { event } = observation;
  const { velocity } = observation.flow;
  if (!isAboveFloor(observation, constants) || velocity < observation.minVelocity()) return null;
  const window = observation.window();
  const order = EXCHANGES.filter((_, index) => (window.firstByExchange[index] ?? Infinity) < Infinity);
  const first = order.find((name) => window.firstByExchange[EXCHANGES.indexOf(name)] === window.first) ?? event.exchange;
  return {
    id: `${side.symbol}-${side.side}-${window.first}`,
    state: "building",
    startTime: window.first,
    events: window.events,
    usd: window.usd,
    firstExchange: first,
    exchanges: order,
    starts: firstMarks(side.marks, window.first),
    move: null,
    severity: 1,
    marketWide: false,
    peakVelocity: velocity,
    peakTime: event.event_time,
    begunReceived: event.received_time,
    lastTime: event.event_time,
    lastAboveTime: event.event_time,
    lastVelocity: velocity,
    slowSince: null,
    lastActiveTime: null,
  };
}

function count(running: Running, event: Liquidation): Running {
  if (event.event_time < running.startTime || event.received_time === running.begunReceived) return running;
  return {
    ...running,
    events: running.events + 1,
    usd: running.usd + (event.usd_value ?? 0),
    exchanges: EXCHANGES.filter((name) => name === event.exchange || running.exchanges.includes(name)),
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

function judge(running: Running, observation: CascadeObservation, constants: CascadeConstants): Running {
  const { event } = observation;
  const { velocity } = observation.flow;
  const isPeak = velocity > running.peakVelocity;
  const isNewest = event.event_time >= running.lastTime;
  const judged: Running = {
    ...running,
    state: running.state === "building" && isActive(running, observation, constants) ? "active" : running.state,
    peakVelocity: isPeak ? velocity : running.peakVelocity,
    peakTime: isPeak ? event.event_time : running.peakTime,
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

function isActive(running: Running, { flow, oppositeUsd }: CascadeObservation, constants: CascadeConstants): boolean {
  const needed = expectedMoveBps(running.starts, constants.move_sigmas, constants.window_s);
  if (needed === null || running.move === null || running.move.bps < needed) return false;
  return flow.usd90s / (flow.usd90s + oppositeUsd()) >= constants.side_dominance;
}
