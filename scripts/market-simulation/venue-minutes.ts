import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { type Random, createRandom } from "../simulator/random.ts";

/** Liquidations a minute of venues of every kind: busy, throttled, of one region, and nearly always silent. */
export const SIMULATED_VENUES = {
  binance: { rate: 9, branching: 0.5, cluster: 1.5, throttle: 60 },
  bybit: { rate: 6, branching: 0.5, cluster: 2, throttle: Infinity },
  okx: { rate: 4, branching: 0.4, cluster: 2, throttle: 60 },
  gate: { rate: 2.5, branching: 0.5, cluster: 2, throttle: Infinity },
  htx: { rate: 0.8, branching: 0.4, cluster: 2, throttle: Infinity },
  bitfinex: { rate: 0.08, branching: 0.4, cluster: 2, throttle: Infinity },
} as const;
export type SimulatedVenue = keyof typeof SIMULATED_VENUES;
export const SIMULATED_NAMES = Object.keys(SIMULATED_VENUES) as readonly SimulatedVenue[];

export interface SimulatedMinute {
  readonly minute: number;
  readonly moveBps: number;
  readonly counts: Readonly<Record<SimulatedVenue, number>>;
}

/** Nights at a third of the day, and weekends at half of the week. */
const [NIGHT, WEEKEND] = [1 / 3, 0.5];
const CASCADES_PER_DAY = 3;
const OWN_BURSTS_PER_DAY = 1;

/** A process that returns to 0, of this standard deviation and memory in minutes. */
export class Wandering {
  value = 0;
  readonly #random: Random;
  readonly #kept: number;
  readonly #step: number;

  constructor(random: Random, deviation: number, memory: number) {
    this.#random = random;
    this.#kept = Math.exp(-1 / memory);
    this.#step = deviation * Math.sqrt(1 - this.#kept ** 2);
    this.value = deviation * random.normal();
  }

  next(): number {
    this.value = this.#kept * this.value + this.#step * this.#random.normal();
    return this.value;
  }
}

/**
 * Minutes of a market whose activity wanders, sleeps at night and at weekends, and cascades; each venue follows it with a factor
 * and bursts of its own and excites itself, within the minute too. Nothing in it is of the model's form.
 */
export function* simulateVenueMinutes(seed: number, startTime: number, minutes: number): Generator<SimulatedMinute> {
  const random = createRandom(seed, "venue-minutes");
  const market = [new Wandering(random, 0.8, 180), new Wandering(random, 0.4, 15)];
  const venues = SIMULATED_NAMES.map((name) => ({
    name,
    ...SIMULATED_VENUES[name],
    own: [new Wandering(random, 0.35, 600), new Wandering(random, 0.3, 10)],
    excitement: 0,
    burst: 0,
    joins: 1,
  }));
  let cascade = 0;
  for (let index = 0; index < minutes; index += 1) {
    const minute = startTime + index * MINUTE_MS;
    cascade *= 0.85;
    if (random.chance((CASCADES_PER_DAY * MINUTE_MS) / DAY_MS)) {
      cascade = 15 * Math.exp(0.7 * random.normal());
      for (const venue of venues) venue.joins = Math.exp(0.6 * random.normal());
    }
    const calm = Math.exp(sum(market.map((part) => part.next())) - 0.4) * seasonal(minute);
    const counts = {} as Record<SimulatedVenue, number>;
    for (const venue of venues) {
      venue.burst *= 0.8;
      if (random.chance((OWN_BURSTS_PER_DAY * MINUTE_MS) / DAY_MS)) venue.burst = 10;
      const factor = Math.exp(sum(venue.own.map((part) => part.next())) - 0.1);
      const base = venue.rate * (calm * factor + cascade * venue.joins + venue.burst);
      const mean = (1 - venue.branching) * base + venue.branching * venue.excitement;
      const count = throttled(clustered(mean, venue.cluster, random), venue.throttle);
      venue.excitement = 0.35 * venue.excitement + 0.65 * count;
      counts[venue.name] = count;
    }
    const moveBps = Math.abs(random.normal()) * 4 * Math.sqrt(calm + 2 * cascade);
    yield { minute, moveBps, counts };
  }
}

export function seasonal(minute: number): number {
  const day = Math.floor(minute / DAY_MS + 4) % 7;
  const hour = (minute % DAY_MS) / HOUR_MS;
  const daily = (1 + NIGHT) / 2 + ((1 - NIGHT) / 2) * Math.cos(((hour - 15) / 12) * Math.PI);
  return daily * (day === 0 || day === 6 ? WEEKEND : 1);
}

/** Clusters of a geometric size. */
export function clustered(mean: number, size: number, random: Random): number {
  let count = 0;
  for (let left = random.exponential(1); left < mean / size && count < 5_000; left += random.exponential(1)) {
    count += 1;
    while (random.chance(1 - 1 / size)) count += 1;
  }
  return count;
}

/** A venue that shows one a second. */
export function throttled(count: number, most: number): number {
  return most === Infinity ? count : Math.round(most * -Math.expm1(-count / most));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
