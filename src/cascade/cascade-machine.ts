import type { CascadeAdl } from "../adl/adl-history.ts";
import type { Gap } from "../gap.ts";
import type { PositionSide } from "../liquidation.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import { CASCADE_CONSTANTS, type CascadeConstants, type CascadeRecord, type CascadeTransition, floorUsd } from "./cascade-record.ts";
import type { RunningCascade } from "./cross-venue-fields.ts";
import type { FlowReader } from "./cross-venue-state.ts";
import type { Flow } from "./flow.ts";
import type { HubEvent } from "./hub-event.ts";
import { revised } from "./cascade-revision.ts";
import type { EndedCascade, Running, SideCascade } from "./running-cascade.ts";
import { mergeRunning, passTime, takeEvent, withSeverity } from "./side-cascade.ts";
import { MAX_AHEAD_MS, MAX_LATENESS_MS } from "../lateness.ts";
import { PriorVolatility, type VolatilitySamples } from "./prior-volatility.ts";

/** Gaps that ended longer ago than this cannot overlap a running cascade. */
const GAP_MEMORY_MS = 3_600_000;
/** Of groups of before a restart, none of whose events comes again. */
const FORMER_SUMS = { group: -1, from: 0, upTo: 0 };

export interface CascadeSnapshot {
  readonly sides: readonly SideCascade[];
  readonly gaps: readonly Gap[];
  /** Absent from snapshots of before 2026-11-28. */
  readonly volatilities?: VolatilitySamples;
}

/** Times in ms, both included. */
type AdlDuring = (symbol: string, from: number, to: number) => readonly CascadeAdl[];

/**
 * Cascades per symbol and position side: idle → building → active → cooling → ended, by the constants of
 * `cascade-record.ts`. Pass it each new event once, and advance the time at least every ten seconds.
 */
export class CascadeMachine {
  readonly #constants: CascadeConstants;
  readonly #adlDuring: AdlDuring | null;
  readonly #velocityQuantile: (symbol: string, side: PositionSide, quantile: number) => number;
  readonly #sides = new Map<string, SideCascade>();
  readonly #volatility = new PriorVolatility();
  #gaps: readonly Gap[] = [];
  /** Where the events of cascades are read again; null before the first. */
  #reader: FlowReader | null = null;

  /**
   * @param velocityQuantile quantile of the last 7 days of the symbol and side, USD/s
   * @param adlDuring what venues published of their auto-deleveraging; null where it is not followed
   */
  constructor(
    velocityQuantile: (symbol: string, side: PositionSide, quantile: number) => number,
    constants: CascadeConstants = CASCADE_CONSTANTS,
    adlDuring: AdlDuring | null = null,
  ) {
    this.#adlDuring = adlDuring;
    this.#velocityQuantile = velocityQuantile;
    this.#constants = constants;
  }

  observe(event: HubEvent, flow: Flow, reader: FlowReader): CascadeTransition[] {
    this.#reader = reader;
    const { symbol, position_side: positionSide, event_time: time, received_time: received } = event;
    const transitions = this.#passTimeOf(`${symbol}|${positionSide}`, time);
    if (event.volatility_5m !== null) this.#volatility.note(symbol, time, event.volatility_5m);
    const after = time - this.#constants.window_s * 1000;
    const opposite = positionSide === "long" ? "short" : "long";
    const before = this.#side(symbol, positionSide);
    const observation = {
      event,
      flow,
      group: reader.group,
      minVelocity: () => this.#velocityQuantile(symbol, positionSide, this.#constants.velocity_quantile),
      eventsAfter: (from: number) => reader.events(symbol, positionSide, from, received + MAX_AHEAD_MS, received),
      volatilityBefore: (flowStart: number) => this.#volatility.before(symbol, flowStart),
      oppositeUsd: () => reader.between(symbol, opposite, after, time, received).usd,
    };
    const taken = takeEvent(before, observation, this.#constants);
    const started = taken.running?.state === "active" && (before.running === null || before.running.state === "building");
    const side = started ? this.#merged(taken, reader, received) : taken;
    const running = side.running === null ? null : withSeverity(side.running, symbol, this.#constants);
    this.#keep({ ...side, running });
    if (running === null || running.state === "building") return transitions;
    if (started) transitions.push(this.#transition("started", { ...side, running }, running));
    else if (running.severity > (before.running?.severity ?? 1))
      transitions.push(this.#transition("escalated", { ...side, running }, running));
    return [...transitions, ...this.#spread(positionSide, time)];
  }

  /** Advances the time without an event. */
  tick(now: number): CascadeTransition[] {
    this.#gaps = this.#gaps.filter(({ to_time }) => to_time === null || to_time > now - GAP_MEMORY_MS);
    const transitions = [...this.#sides.keys()].flatMap((key) => this.#passTimeOf(key, now));
    for (const side of this.#sides.values()) if (side.running !== null) this.#revise(side, side.running);
    this.#forgetQuiet(now);
    this.#volatility.forget(now);
    return transitions;
  }

  /** Adds or ends a gap (`to_time` null while it lasts); the same gap again replaces the earlier one. */
  noteGap(gap: Gap): void {
    const others = this.#gaps.filter(({ exchange, from_time }) => exchange !== gap.exchange || from_time !== gap.from_time);
    this.#gaps = [...others, gap];
  }

  /** The running cascade that this event belongs to; null while none is active or cooling, and for events of before it. */
  cascadeOf({ symbol, position_side: side, event_time: time }: HubEvent): RunningCascade | null {
    const running = this.#sides.get(`${symbol}|${side}`)?.running ?? null;
    if (running === null || running.state === "building" || time < running.startTime) return null;
    return running;
  }

  /** The state of a symbol and side; null where no cascade is building or running. */
  stateOf(symbol: string, side: PositionSide): Running["state"] | null {
    return this.#sides.get(`${symbol}|${side}`)?.running?.state ?? null;
  }

  /** The cascades that are building or running now, for a live view. */
  running(): CascadeRecord[] {
    return [...this.#sides.values()].flatMap((side) => {
      if (side.running === null) return [];
      return [this.#record(side, this.#revise(side, side.running))];
    });
  }

  /** The ended cascades that liquidations have changed which arrived since the last call. */
  takeRevised(): CascadeRecord[] {
    return [...this.#sides.values()].flatMap((side) => {
      const ended = side.ended.map((one) => withSeverity(this.#revised(side, one), side.symbol, this.#constants));
      const changed = ended.filter((one, index) => one !== side.ended[index]);
      if (changed.length > 0) this.#keep({ ...side, ended });
      return changed.map((one) => this.#record(side, one, one));
    });
  }

  snapshot(): CascadeSnapshot {
    return { sides: [...this.#sides.values()], gaps: this.#gaps, volatilities: this.#volatility.snapshot() };
  }

  /** Restores a `snapshot()` that was stored as JSON; anything else is ignored. @param reader of the events that were restored too */
  restore(snapshot: unknown, reader: FlowReader): void {
    if (!isSnapshot(snapshot)) return;
    this.#reader = reader;
    for (const side of snapshot.sides) this.#keep(restored(side));
    this.#gaps = snapshot.gaps;
    this.#volatility.restore(snapshot.volatilities ?? {});
  }

  /**
   * A side without a running cascade, with outdated marks and no ended cascade that may still change, is the same as one never seen.
   */
  #forgetQuiet(now: number): void {
    const since = now - this.#constants.window_s * 1000;
    for (const [key, side] of this.#sides) {
      const ended = side.ended.filter(({ lastTime, unread }) => lastTime >= now - MAX_LATENESS_MS || unread.length > 0);
      if (ended.length < side.ended.length) this.#keep({ ...side, ended });
      if (side.running === null && ended.length === 0 && side.marks.every(({ time }) => time < since)) this.#sides.delete(key);
    }
  }

  #passTimeOf(key: string, now: number): CascadeTransition[] {
    const side = this.#sides.get(key);
    if (side?.running == null) return [];
    const running = passTime(side.running, now, this.#constants);
    if (running !== null) {
      this.#keep({ ...side, running });
      return [];
    }
    if (side.running.state === "building") {
      this.#keep({ ...side, running: null });
      return [];
    }
    const last = this.#revised(side, side.running);
    const ended = { ...last, adlStates: this.#adlOf(side, last, last.lastAboveTime) };
    this.#keep({ ...side, running: null, ended: [...side.ended, ended] });
    return [{ kind: "ended", record: this.#record(side, ended, ended) }];
  }

  /** A cascade that has just started, merged with the ended one that it continues; else none of its liquidations is that one's. */
  #merged(side: SideCascade, reader: FlowReader, received: number): SideCascade {
    const { running } = side;
    const last = side.ended.at(-1);
    if (running === null || last === undefined) return side;
    const own = last.lastAboveTime + this.#constants.end_s * 1000;
    if (running.startTime > own) return { ...side, running: startingAfter(running, own) };
    const between = reader.between(side.symbol, side.side, last.lastTime, running.summed.upTo, received);
    return { ...side, running: mergeRunning(this.#revised(side, last), running, between), ended: side.ended.slice(0, -1) };
  }

  /** The cascade with the start and the peaks of all that is known. */
  #revised<Kind extends Running>(side: SideCascade, running: Kind): Kind {
    const reader = this.#reader;
    if (reader === null) return running;
    return revised(running, side, (after, upTo) => reader.events(side.symbol, side.side, after, upTo, Infinity), reader.group);
  }

  #revise(side: SideCascade, before: Running): Running {
    const running = this.#revised(side, before);
    if (running !== before) this.#keep({ ...side, running });
    return running;
  }

  /** If enough base assets are active on a side at once, all their cascades are market-wide. */
  #spread(positionSide: PositionSide, time: number): CascadeTransition[] {
    const since = time - this.#constants.market_wide_s * 1000;
    const active = [...this.#sides.values()].filter(
      ({ side, running }) => side === positionSide && running !== null && (running.lastActiveTime ?? -Infinity) >= since,
    );
    if (active.length < this.#constants.market_wide_symbols) return [];
    return active.flatMap((side) => {
      if (side.running === null || side.running.marketWide) return [];
      const running = withSeverity({ ...side.running, marketWide: true }, side.symbol, this.#constants);
      this.#keep({ ...side, running });
      return [this.#transition("escalated", side, running)];
    });
  }

  #transition(kind: "started" | "escalated", side: SideCascade, running: Running): CascadeTransition {
    return { kind, record: this.#record(side, this.#revise(side, running)) };
  }

  #adlOf({ symbol }: SideCascade, { startTime }: Running, endTime: number): readonly CascadeAdl[] | null {
    return this.#adlDuring?.(symbol, startTime, endTime) ?? null;
  }

  #record(side: SideCascade, running: Running, ended: EndedCascade | null = null): CascadeRecord {
    const { symbol } = side;
    const endTime = ended?.lastAboveTime ?? null;
    const isInside = ({ from_time, to_time }: Gap) => from_time <= (endTime ?? Infinity) && (to_time ?? Infinity) >= running.startTime;
    return {
      cascade_id: running.id,
      symbol,
      position_side: side.side,
      state: endTime === null ? running.state : "ended",
      start_time: running.startTime,
      peak_time: running.peakTime,
      end_time: endTime,
      events: running.events,
      usd: running.usd,
      peak_usd_per_s: running.peakUsd1s,
      peak_5s_usd: running.peakUsd5s,
      first_exchange: running.first?.exchange ?? null,
      first_exchange_probability: running.first?.probability ?? null,
      exchanges: EXCHANGES.filter((name) => running.firsts[name] !== undefined),
      start_mark: running.move?.start ?? null,
      extreme_mark: running.move?.extreme ?? null,
      move_bps: running.move?.bps ?? null,
      severity: running.severity,
      market_wide: running.marketWide,
      gaps: this.#gaps.filter(isInside),
      adl_states: ended === null ? this.#adlOf(side, running, Infinity) : ended.adlStates,
      constants: { ...this.#constants, floor_usd: { [symbol]: floorUsd(symbol, this.#constants) } },
    };
  }

  #side(symbol: string, side: PositionSide): SideCascade {
    return this.#sides.get(`${symbol}|${side}`) ?? { symbol, side, marks: [], running: null, ended: [] };
  }

  #keep(side: SideCascade): void {
    this.#sides.set(`${side.symbol}|${side.side}`, side);
  }
}

/** Late liquidations may move the start of a cascade, but not to before this time, ms. */
function startingAfter(running: Running, time: number): Running {
  const { from, to } = running.stretch;
  return { ...running, stretch: { from: Math.max(from, time), to } };
}

function isSnapshot(value: unknown): value is CascadeSnapshot {
  return typeof value === "object" && value !== null && "sides" in value && Array.isArray(value.sides) && "gaps" in value;
}

/** A cascade of before 2026-11-28 begins again with the next event, one of before 2026-11-29 keeps its start. */
function restored({ running, ended, ...side }: SideCascade): SideCascade {
  const known = (Array.isArray(ended) ? ended : []).map((one) => ({ ...one, summed: FORMER_SUMS }));
  if (running === null || !("firsts" in running)) return { ...side, running: null, ended: known };
  const { startTime } = running;
  const unsearched = { stretch: { from: startTime - 1, to: startTime - 1 }, unread: [] };
  return { ...side, running: { ...unsearched, ...running, summed: FORMER_SUMS }, ended: known };
}
