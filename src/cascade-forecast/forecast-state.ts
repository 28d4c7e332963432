import { CASCADE_CONSTANTS, floorUsd } from "../cascade/cascade-record.ts";
import type { Flow } from "../cascade/flow.ts";
import type { HubEvent } from "../cascade/hub-event.ts";
import { expectedMoveBps } from "../cascade/mark-move.ts";
import { VELOCITY_MS } from "../cascade/tally.ts";
import { flowUsd } from "../flow-usd.ts";
import type { PositionSide } from "../liquidation.ts";
import { HOUR_MS, MINUTE_MS } from "../windows/calendar.ts";
import { DecayedRate } from "./decayed-rate.ts";
import { FAST_MS, type ForecastInput, SLOW_MS } from "./forecast-features.ts";
import { MarkMemory } from "./mark-memory.ts";

/** What the forecast needs of the longer past of a symbol and side. */
export interface ForecastBaselines {
  /** The velocity that this share of the last 7 days lies below, USD/s. */
  velocityQuantile(symbol: string, side: PositionSide, share: number): number;
  medianEvents1m(symbol: string, side: PositionSide): number;
}

/** What the cascade machine says after a liquidation. */
export interface SideStates {
  readonly isBuilding: boolean;
  readonly isOppositeRunning: boolean;
}

interface SideMemory {
  readonly fast: DecayedRate;
  velocity: number;
  time: number;
  cascadeTime: number;
  p90: number;
  p99: number;
  medianEvents1m: number;
  /** When the quantiles were read, ms: they move once a minute. */
  usualTime: number;
}

/** Average volatility of a symbol over an hour of liquidations. */
interface VolatilityMemory {
  average: number;
  time: number;
}

/** A cascade needs this move of 90 s; 60 s and 300 s are standard deviations of a random walk. */
const { move_sigmas: MOVE_SIGMAS, window_s: WINDOW_S } = CASCADE_CONSTANTS;

/**
 * What the features of a forecast remember, per symbol and side, in constant time and memory for each liquidation. A replay of
 * stored liquidations in the order of receipt gives the same inputs as the hub had.
 */
export class ForecastState {
  readonly #baselines: ForecastBaselines;
  readonly #sides = new Map<string, SideMemory>();
  readonly #marks = new Map<string, MarkMemory>();
  readonly #volatilities = new Map<string, VolatilityMemory>();
  readonly #market = { long: marketRates(), short: marketRates() };

  constructor(baselines: ForecastBaselines) {
    this.#baselines = baselines;
  }

  /** A cascade became active. @param time of the receipt of the liquidation that did it, ms */
  started(symbol: string, side: PositionSide, time: number): void {
    this.#side(symbol, side).cascadeTime = time;
  }

  /** Takes in a liquidation, after the cascade machine did, and says what is known with it. */
  observe(event: HubEvent, flow: Flow, { isBuilding, isOppositeRunning }: SideStates): ForecastInput {
    const { symbol, position_side: side, event_time: time } = event;
    const [own, other] = [this.#side(symbol, side), this.#side(symbol, side === "long" ? "short" : "long")];
    const usd = flowUsd(event) ?? 0;
    own.fast.add(usd, time);
    const market = this.#market[side];
    market.fast.add(usd, time);
    market.slow.add(usd, time);
    [own.velocity, own.time] = [flow.velocity, time];
    this.#readUsual(own, symbol, side, event.received_time);
    return {
      event,
      flow,
      isBuilding,
      isOppositeRunning,
      floorUsd: floorUsd(symbol, CASCADE_CONSTANTS),
      velocityP90: own.p90,
      velocityP99: own.p99,
      medianEvents1m: own.medianEvents1m,
      fastVelocity: own.fast.at(time),
      oppositeVelocity: other.velocity * Math.exp(-Math.max(0, time - other.time) / VELOCITY_MS),
      marketVelocity: market.fast.at(time),
      marketHourVelocity: market.slow.at(time),
      sinceCascadeMs: Math.max(0, event.received_time - own.cascadeTime),
      ...this.#price(event),
    };
  }

  /** Forgets what no feature needs any more. */
  forget(now: number): void {
    for (const [key, { time, cascadeTime }] of this.#sides) if (Math.max(time, cascadeTime) < now - 24 * HOUR_MS) this.#sides.delete(key);
    for (const [key, { lastTime }] of this.#marks) if (lastTime < now - HOUR_MS) this.#marks.delete(key);
    for (const [key, { time }] of this.#volatilities) if (time < now - 24 * HOUR_MS) this.#volatilities.delete(key);
  }

  #price(event: HubEvent): Pick<ForecastInput, "return60s" | "return300s" | "moveOfRequired" | "volatilityRatio"> {
    const { symbol, exchange, event_time: time, mark_price: mark, volatility_5m: volatility, position_side: side } = event;
    const average = volatility === null ? Number.NaN : this.#averageVolatility(symbol, volatility, time);
    const volatilityRatio = volatility === null ? Number.NaN : volatility / average;
    if (mark === null || !(mark > 0)) return { return60s: Number.NaN, return300s: Number.NaN, moveOfRequired: Number.NaN, volatilityRatio };
    const marks = this.#marksOf(`${symbol}|${exchange}`);
    marks.note(time, mark);
    const move = (agoMs: number, sigmas: number, sigma: number): number => {
      const past = marks.near(time, agoMs);
      if (past === null || !(sigma > 0)) return Number.NaN;
      const bps = ((side === "long" ? -1 : 1) * 1e4 * (mark - past.mark)) / past.mark;
      return bps / expectedMoveBps(sigma, sigmas, (time - past.time) / 1_000);
    };
    return {
      return60s: move(60_000, 1, volatility ?? Number.NaN),
      return300s: move(300_000, 1, volatility ?? Number.NaN),
      moveOfRequired: move(WINDOW_S * 1_000, MOVE_SIGMAS, average),
      volatilityRatio,
    };
  }

  #averageVolatility(symbol: string, volatility: number, time: number): number {
    const known = this.#volatilities.get(symbol);
    if (known === undefined) {
      this.#volatilities.set(symbol, { average: volatility, time });
      return volatility;
    }
    const before = known.average;
    known.average += (1 - Math.exp(-Math.max(0, time - known.time) / SLOW_MS)) * (volatility - before);
    known.time = Math.max(known.time, time);
    return before;
  }

  #readUsual(own: SideMemory, symbol: string, side: PositionSide, now: number): void {
    if (Math.abs(now - own.usualTime) < MINUTE_MS) return;
    own.usualTime = now;
    own.p90 = this.#baselines.velocityQuantile(symbol, side, 0.9);
    own.p99 = this.#baselines.velocityQuantile(symbol, side, 0.99);
    own.medianEvents1m = this.#baselines.medianEvents1m(symbol, side);
  }

  #marksOf(key: string): MarkMemory {
    let marks = this.#marks.get(key);
    if (marks === undefined) this.#marks.set(key, (marks = new MarkMemory()));
    return marks;
  }

  #side(symbol: string, side: PositionSide): SideMemory {
    const key = `${symbol}|${side}`;
    let own = this.#sides.get(key);
    if (own === undefined) {
      own = {
        fast: new DecayedRate(FAST_MS),
        velocity: 0,
        time: -Infinity,
        cascadeTime: -Infinity,
        p90: 0,
        p99: 0,
        medianEvents1m: 0,
        usualTime: -Infinity,
      };
      this.#sides.set(key, own);
    }
    return own;
  }
}

function marketRates() {
  return { fast: new DecayedRate(VELOCITY_MS), slow: new DecayedRate(SLOW_MS) };
}
