import type { CascadeAdl } from "../adl/adl-history.ts";
import type { Gap } from "../gap.ts";
import type { PositionSide } from "../liquidation.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import { CASCADE_CONSTANTS, type CascadeConstants, type CascadeRecord, type CascadeTransition, floorUsd } from "./cascade-record.ts";
import type { RunningCascade } from "./cross-venue-fields.ts";
import type { FlowReader } from "./cross-venue-state.ts";
import type { Flow } from "./flow.ts";
import type { HubEvent } from "./hub-event.ts";
import { mergeRunning, passTime, type Running, type SideCascade, takeEvent, withSeverity } from "./side-cascade.ts";
import { MAX_AHEAD_MS } from "../lateness.ts";
import { PriorVolatility, type VolatilitySamples } from "./prior-volatility.ts";

/** Gaps that ended longer ago than this cannot overlap a running cascade. */
const GAP_MEMORY_MS = 3_600_000;

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
    const { symbol, position_side: positionSide, event_time: time, received_time: received } = event;
    const transitions = this.#passTimeOf(`${symbol}|${positionSide}`, time);
    if (event.volatility_5m !== null) this.#volatility.note(symbol, time, event.volatility_5m);
    const after = time - this.#constants.window_s * 1000;
    const opposite = positionSide === "long" ? "short" : "long";
    const before = this.#side(symbol, positionSide);
    const observation = {
      event,
      flow,
      minVelocity: () => this.#velocityQuantile(symbol, positionSide, this.#constants.velocity_quantile),
      eventsAfter: (from: number) => reader.events(symbol, positionSide, from, received + MAX_AHEAD_MS, received),
      usdBefore: (upTo: number, lengthMs: number) => reader.between(symbol, positionSide, upTo - lengthMs, upTo, received).usd,
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
    return [...this.#sides.values()].flatMap((side) => (side.running === null ? [] : [this.#record(side, side.running, null)]));
  }

  snapshot(): CascadeSnapshot {
    return { sides: [...this.#sides.values()], gaps: this.#gaps, volatilities: this.#volatility.snapshot() };
  }

  /** Restores a `snapshot()` that was stored as JSON; anything else is ignored. */
  restore(snapshot: unknown): void {
    if (!isSnapshot(snapshot)) return;
    // A cascade of before 2026-11-28 has no first times of venues: it begins again with the next event.
    for (const side of snapshot.sides)
      this.#keep("running" in side && isCurrent(side.running) ? side : { ...side, running: null, ended: null });
    this.#gaps = snapshot.gaps;
    this.#volatility.restore(snapshot.volatilities ?? {});
  }

  /**
   * A side without a running cascade, with outdated marks and an outdated last cascade, is the same as one never seen.
   */
  #forgetQuiet(now: number): void {
    const since = now - this.#constants.window_s * 1000;
    for (const [key, { running, ended, marks }] of this.#sides) {
      const isQuiet = running === null && (ended === null || ended.lastTime < since) && marks.every(({ time }) => time < since);
      if (isQuiet) this.#sides.delete(key);
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
    const ended = side.running;
    if (ended.state === "building") {
      this.#keep({ ...side, running: null });
      return [];
    }
    this.#keep({ ...side, running: null, ended });
    return [{ kind: "ended", record: this.#record(side, ended, ended.lastAboveTime) }];
  }

  #merged(side: SideCascade, reader: FlowReader, received: number): SideCascade {
    const { running, ended } = side;
    if (running === null || ended === null || running.startTime - ended.lastAboveTime > this.#constants.end_s * 1000) return side;
    const between = reader.between(side.symbol, side.side, ended.lastTime, running.lastTime, received);
    return { ...side, running: mergeRunning(ended, running, between), ended: null };
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
    return { kind, record: this.#record(side, running, null) };
  }

  #record({ symbol, side }: SideCascade, running: Running, endTime: number | null): CascadeRecord {
    const isInside = ({ from_time, to_time }: Gap) => from_time <= (endTime ?? Infinity) && (to_time ?? Infinity) >= running.startTime;
    return {
      cascade_id: running.id,
      symbol,
      position_side: side,
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
      adl_states: this.#adlDuring?.(symbol, running.startTime, endTime ?? Infinity) ?? null,
      constants: { ...this.#constants, floor_usd: { [symbol]: floorUsd(symbol, this.#constants) } },
    };
  }

  #side(symbol: string, side: PositionSide): SideCascade {
    return this.#sides.get(`${symbol}|${side}`) ?? { symbol, side, marks: [], running: null, ended: null };
  }

  #keep(side: SideCascade): void {
    this.#sides.set(`${side.symbol}|${side.side}`, side);
  }
}

function isSnapshot(value: unknown): value is CascadeSnapshot {
  return typeof value === "object" && value !== null && "sides" in value && Array.isArray(value.sides) && "gaps" in value;
}

function isCurrent(running: Running | null): boolean {
  return running === null || "firsts" in running;
}
