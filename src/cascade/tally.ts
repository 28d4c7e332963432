import { EXCHANGES } from "../liquidation-fields.ts";

/** Time constant of the velocity, ms. */
export const VELOCITY_MS = 60_000;

/** e^(offset/60 s) for each millisecond of a second: an event's weight at the start of its second. */
const WEIGHTS = Float64Array.from({ length: 1000 }, (_, offset) => Math.exp(offset / VELOCITY_MS));

/** @param offset ms within the second */
export function weightOf(offset: number): number {
  return WEIGHTS[offset] ?? 1;
}

/** e^(−seconds/60 s). */
const DECAY = Float64Array.from({ length: 3600 }, (_, seconds) => Math.exp((-seconds * 1000) / VELOCITY_MS));

/** @param seconds whole and non-negative */
export function decayOver(seconds: number): number {
  return DECAY[seconds] ?? 0;
}

/**
 * A number for each venue, by index into `EXCHANGES`. Each event makes several, and V8 allocates a typed array
 * of more than 64 bytes, which is eight venues, outside its heap. That takes far longer than a plain array of doubles.
 */
export type ByExchange = number[];

// A fraction first, so that the arrays hold doubles from the beginning, whatever they are filled with.
const ZEROES: readonly number[] = EXCHANGES.map(() => 0.5).fill(0);
const NEVER: readonly number[] = EXCHANGES.map(() => Infinity);

export function zeroByExchange(): ByExchange {
  return ZEROES.slice();
}

/** Infinity for each venue, later than any time. */
export function neverByExchange(): ByExchange {
  return NEVER.slice();
}

/** Sums over events of one symbol and side. Values are only added, so that no removal leaves a rounding error. */
export class Tally {
  events = 0;
  usd = 0;
  readonly usdByExchange: ByExchange = zeroByExchange();
  /** Time of the earliest event; Infinity where there is none. */
  readonly firstByExchange: ByExchange = neverByExchange();
  /** Σ usd · e^((event time − `start`) / 60 s): decayed by the age of `start`, it gives the velocity. */
  weighted = 0;
  first = Infinity;
  last = -Infinity;

  /**
   * @param weight weight of the event in `weighted`
   * @param usd NaN where unknown: the event counts, its value does not
   */
  add(time: number, usd: number, exchange: number, weight: number): void {
    this.events += 1;
    if (time < this.first) this.first = time;
    if (time > this.last) this.last = time;
    if (time < (this.firstByExchange[exchange] ?? Infinity)) this.firstByExchange[exchange] = time;
    if (Number.isNaN(usd)) return;
    this.usd += usd;
    this.usdByExchange[exchange] = (this.usdByExchange[exchange] ?? 0) + usd;
    this.weighted += usd * weight;
  }

  /** Adds everything except `weighted`, which is relative to its own start. */
  addAll(other: Tally): void {
    this.addSums(other);
    if (other.first < this.first) this.first = other.first;
    if (other.last > this.last) this.last = other.last;
    for (let exchange = 0; exchange < EXCHANGES.length; exchange += 1) {
      const first = other.firstByExchange[exchange] ?? Infinity;
      if (first < (this.firstByExchange[exchange] ?? Infinity)) this.firstByExchange[exchange] = first;
    }
  }

  addSums(other: Tally): void {
    this.events += other.events;
    this.usd += other.usd;
    for (let exchange = 0; exchange < EXCHANGES.length; exchange += 1) {
      this.usdByExchange[exchange] = (this.usdByExchange[exchange] ?? 0) + (other.usdByExchange[exchange] ?? 0);
    }
  }
}

/** The empty tally: add it to others, never to it. */
export const NO_EVENTS = new Tally();
