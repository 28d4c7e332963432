import type { ExchangeName, PositionSide } from "../../src/liquidation.ts";
import { DAY_MS, HOUR_MS, SECOND_MS } from "../../src/windows/calendar.ts";
import { createRandom, type Random } from "../simulator/random.ts";
import { poisson, sizeSampler } from "./liquidation-sizes.ts";
import { type Effect, type MarketModel, weekFactor } from "./market-model.ts";
import { type PlantedEpisode, type PlantedEvent, plantEpisode } from "./planted-episode.ts";
import type { SimulatedEvent, SimulationOptions } from "./simulated-event.ts";

const DAY_S = DAY_MS / SECOND_MS;
/** Length of the volatility and of the move that the flow answers to, s. */
const VOLATILITY_S = 300;
const PUSH_S = 60;
/** Log return for each USD of net flow, where flow moves the price. */
const IMPACT_PER_USD = 6e-10;
/** Answer of the flow to a move of so many deviations against its side: 1 + gain · move^power. */
const PUSH_POWER = 2.2;
const LEVERAGE = { least: 0.2, timeS: 30_000, power: 1.5, noise: 0.000_18 };
const FLUSH = { usd: 4e6, usdSpread: 0.7, minS: 45, spreadS: 75, apartS: HOUR_MS / SECOND_MS };

interface Side {
  readonly name: PositionSide;
  /** −1 where liquidations of this side push the price down. */
  readonly sign: -1 | 1;
  excitation: number;
  leverage: number;
}

interface Flush {
  readonly startSecond: number;
  readonly seconds: number;
  /** With its sign. */
  readonly move: number;
}

/** The market, one second at a time. */
export class SecondBySecond {
  readonly planted: PlantedEpisode[] = [];
  readonly #model: MarketModel;
  readonly #effect: Effect;
  readonly #startTime: number;
  readonly #random: Random;
  readonly #sizeOf: () => number;
  readonly #venues: readonly (readonly [ExchangeName, number])[];
  readonly #sides: readonly Side[] = [
    { name: "long", sign: -1, excitation: 0, leverage: 1 },
    { name: "short", sign: 1, excitation: 0, leverage: 1 },
  ];
  readonly #logMarks: Float64Array;
  /** NaN before it is known. */
  readonly #volatilities: Float64Array;
  #squares = 0;
  #second = 0;
  #activity = 0;
  #logMark: number;
  #flushes: readonly Flush[] = [];
  /** `#flushed` of the current second. */
  #flushedNow = 0;
  #waiting: readonly PlantedEvent[] = [];

  constructor({ seed, days, model, effect, startTime }: SimulationOptions) {
    this.#model = model;
    this.#effect = effect;
    this.#startTime = startTime;
    this.#random = createRandom(seed, "market");
    this.#sizeOf = sizeSampler(model, createRandom(seed, "sizes"));
    this.#venues = model.venues.map(({ exchange, share }) => [exchange, share]);
    this.#logMark = Math.log(model.startPrice);
    this.#logMarks = new Float64Array(days * DAY_S);
    this.#volatilities = new Float64Array(days * DAY_S).fill(Number.NaN);
  }

  get mark(): number {
    return Math.exp(this.#logMark);
  }

  /** The market that an event of a past time saw. */
  stateAt(time: number): Pick<SimulatedEvent, "mark" | "volatility5m" | "depthUsd"> {
    const second = Math.floor((time - this.#startTime) / SECOND_MS);
    const volatility = this.#volatilities[second] ?? Number.NaN;
    const mark = Math.exp(this.#logMarks[second] ?? this.#logMark);
    return { mark, volatility5m: Number.isNaN(volatility) ? null : volatility, depthUsd: 2e6 * Math.exp(0.3 * this.#random.normal()) };
  }

  /** Adds the liquidations of the next second to `events`. */
  step(events: SimulatedEvent[]): void {
    const { activity } = this.#model;
    const noise = activity.deviation * Math.sqrt(2 / activity.timeS) * this.#random.normal();
    this.#activity += noise - this.#activity / activity.timeS;
    if (this.#hasFlushes()) this.#maybeFlush();
    const before = this.#logMark;
    if (this.#second >= PUSH_S) this.#volatilities[this.#second] = Math.sqrt(this.#squares);
    this.#logMarks[this.#second] = before;
    const flow = this.#liquidate(events);
    this.#logMark += this.#return(flow);
    this.#squares = Math.max(0, this.#squares + (this.#logMark - before) ** 2 - this.#leaving());
    this.#second += 1;
  }

  #return(flow: number): number {
    const volatility = this.#model.secondVolatility * Math.exp(this.#activity);
    const impact = this.#hasFlushes() ? flow * IMPACT_PER_USD : 0;
    const before = this.#flushedNow;
    this.#flushedNow = this.#flushed(this.#second + 1);
    return volatility * this.#random.normal() + impact + this.#flushedNow - before;
  }

  /** The squared return that leaves the window of the volatility. */
  #leaving(): number {
    const second = this.#second - VOLATILITY_S;
    return second < 0 ? 0 : ((this.#logMarks[second + 1] ?? 0) - (this.#logMarks[second] ?? 0)) ** 2;
  }

  /** @returns the net USD that pushes the price up */
  #liquidate(events: SimulatedEvent[]): number {
    const time = this.#startTime + this.#second * SECOND_MS;
    const week = this.#model.hasWeek ? weekFactor(time) : 1;
    let flow = 0;
    for (const side of this.#sides) {
      const count = poisson(this.#rate(side, week), this.#random);
      let usd = this.#takePlanted(side, time + SECOND_MS, events);
      for (let one = 0; one < count; one += 1) {
        const size = this.#sizeOf();
        usd += size;
        const at = time + this.#random.integer(SECOND_MS);
        events.push({ time: at, exchange: this.#random.weighted(this.#venues), side: side.name, usd: size, ...this.stateAt(at) });
      }
      this.#settle(side, count, usd);
      flow += side.sign * usd;
    }
    return flow;
  }

  #rate(side: Side, week: number): number {
    const { eventsPerDay, branching, activity } = this.#model;
    const base = (eventsPerDay / 2 / DAY_S) * (1 - branching);
    const drift = Math.exp(this.#activity - activity.deviation ** 2 / 2);
    const pushed = this.#hasFlushes() ? this.#pushed(side) : 1;
    return base * drift * week * side.leverage ** LEVERAGE.power * pushed + side.excitation;
  }

  #pushed({ sign }: Side): number {
    const earlier = this.#logMarks[this.#second - PUSH_S];
    const volatility = this.#volatilities[this.#second] ?? 0;
    if (earlier === undefined || !(volatility > 0)) return 1;
    const move = (sign * (this.#logMark - earlier)) / (volatility * Math.sqrt(PUSH_S / VOLATILITY_S));
    return 1 + this.#model.pushGain * Math.max(0, move) ** PUSH_POWER;
  }

  #settle(side: Side, count: number, usd: number): void {
    const { branching, decayS, leverageUsd } = this.#model;
    const fade = Math.exp(-1 / decayS);
    side.excitation = side.excitation * fade + count * branching * (1 - fade);
    const noise = LEVERAGE.noise * this.#random.normal();
    side.leverage = Math.max(LEVERAGE.least, side.leverage + noise + (1 - side.leverage) / LEVERAGE.timeS - usd / leverageUsd);
  }

  #takePlanted({ name }: Side, before: number, events: SimulatedEvent[]): number {
    if (this.#waiting.length === 0) return 0;
    const due = this.#waiting.filter((event) => event.side === name && event.time < before);
    this.#waiting = this.#waiting.filter((event) => !due.includes(event));
    for (const event of due) events.push({ ...event, ...this.stateAt(event.time) });
    return due.reduce((sum, { usd }) => sum + usd, 0);
  }

  #hasFlushes(): boolean {
    return this.#effect !== "none" && this.#effect !== "burst";
  }

  /** The more leverage, the more likely is a flush, and the larger. */
  #maybeFlush(): void {
    const last = this.#flushes.at(-1)?.startSecond ?? -Infinity;
    const volatility = this.#volatilities[this.#second - 1] ?? Number.NaN;
    if (Number.isNaN(volatility) || this.#second - last < FLUSH.apartS) return;
    const leverage = this.#sides.reduce((most, side) => Math.max(most, side.leverage), 0);
    if (!this.#random.chance((this.#model.flushesPerDay / DAY_S) * leverage ** 4)) return;
    const seconds = FLUSH.minS + this.#random.integer(FLUSH.spreadS);
    const { flushMove } = this.#model;
    const sigmas = flushMove.sigmas + flushMove.spread * this.#random.uniform();
    const { episode, events } = plantEpisode(
      {
        kind: "flush",
        startTime: this.#startTime + this.#second * SECOND_MS + this.#random.integer(SECOND_MS),
        durationMs: seconds * SECOND_MS,
        usd: FLUSH.usd * leverage * Math.exp(FLUSH.usdSpread * this.#random.normal()),
        events: 60 + this.#random.integer(120),
        move: sigmas * volatility * Math.sqrt(90 / VOLATILITY_S),
      },
      this.#model,
      this.#random,
    );
    const move = episode.side === "long" ? -episode.move : episode.move;
    this.planted.push(episode);
    this.#waiting = [...this.#waiting, ...events];
    this.#flushes = [...this.#flushes.slice(-20), { startSecond: this.#second, seconds, move }];
    this.#flushedNow = this.#flushed(this.#second);
  }

  /** What the flushes have added to the logarithm of the price by a second. */
  #flushed(second: number): number {
    const { aftermath } = this.#model;
    let sum = 0;
    for (const { startSecond, seconds, move } of this.#flushes) {
      const progress = Math.min(1, (second - startSecond) / seconds);
      const after = Math.max(0, second - startSecond - seconds);
      const turn = this.#effect === "reversal" ? -1 : this.#effect === "continuation" ? 1 : 0;
      sum += move * progress * progress * (3 - 2 * progress);
      sum += turn * aftermath.share * move * (1 - Math.exp(-after / aftermath.timeS));
    }
    return sum;
  }
}
