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

/** @param seconds whole, not negative */
export function decayOver(seconds: number): number {
  return DECAY[seconds] ?? 0;
}

/** Sums over some events of one symbol and side. Only ever added to, so that no rounding error is left by a removal. */
export class Tally {
  events = 0;
  usd = 0;
  /** By index into `EXCHANGES`. */
  readonly usdByExchange = new Float64Array(EXCHANGES.length);
  /** Event time of the earliest by index into `EXCHANGES`; Infinity where none. */
  readonly firstByExchange = new Float64Array(EXCHANGES.length).fill(Infinity);
  /** Σ usd · e^((event time − `start`) / 60 s): decayed by the age of `start` it gives the velocity. */
  weighted = 0;
  first = Infinity;
  last = -Infinity;

  /**
   * @param weight of the event in `weighted`
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

  /** All but `weighted`, which is relative to a start of its own. */
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

/** To be added to others, never to. */
export const NO_EVENTS = new Tally();
