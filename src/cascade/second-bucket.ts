import { EXCHANGES } from "../liquidation-fields.ts";

/** Time constant of the velocity, ms. */
export const VELOCITY_MS = 60_000;

/** e^(offset/60 s) for each millisecond of a second: an event's weight at the start of its second. */
const WEIGHTS = Float64Array.from({ length: 1000 }, (_, offset) => Math.exp(offset / VELOCITY_MS));

export function weightOf(time: number): number {
  return WEIGHTS[((time % 1000) + 1000) % 1000] ?? 1;
}

/** Sums over some events of one symbol and side. Only ever added to, so that no rounding error is left by a removal. */
export class Tally {
  events = 0;
  usd = 0;
  /** By index into `EXCHANGES`. */
  readonly usdByExchange: number[] = EXCHANGES.map(() => 0);
  /** Event time of the earliest by index into `EXCHANGES`; Infinity where none. */
  readonly firstByExchange: number[] = EXCHANGES.map(() => Infinity);
  /** Σ usd · e^(offset in the second / 60 s): decayed from second to second it gives the velocity. */
  weighted = 0;
  first = Infinity;
  last = -Infinity;

  /** @param usd NaN where unknown: the event counts, its value does not */
  add(time: number, usd: number, exchange: number): void {
    this.events += 1;
    if (time < this.first) this.first = time;
    if (time > this.last) this.last = time;
    if (time < (this.firstByExchange[exchange] ?? Infinity)) this.firstByExchange[exchange] = time;
    if (Number.isNaN(usd)) return;
    this.usd += usd;
    this.usdByExchange[exchange] = (this.usdByExchange[exchange] ?? 0) + usd;
    this.weighted += usd * weightOf(time);
  }

  addAll(other: Tally): void {
    this.events += other.events;
    this.usd += other.usd;
    if (other.first < this.first) this.first = other.first;
    if (other.last > this.last) this.last = other.last;
    for (let exchange = 0; exchange < EXCHANGES.length; exchange += 1) {
      this.usdByExchange[exchange] = (this.usdByExchange[exchange] ?? 0) + (other.usdByExchange[exchange] ?? 0);
      const first = other.firstByExchange[exchange] ?? Infinity;
      if (first < (this.firstByExchange[exchange] ?? Infinity)) this.firstByExchange[exchange] = first;
    }
  }
}

const ROW = 4;

/**
 * The events of one symbol and side in one second of event time. Four numbers an event, since a burst leaves close to
 * a million in memory: event time, usd (NaN unknown), received time × 8 + exchange index, hash of the id.
 */
export class SecondBucket {
  readonly second: number;
  readonly rows: number[] = [];
  readonly #all = new Tally();
  #latestReceived = -Infinity;

  constructor(second: number) {
    this.second = second;
  }

  get events(): number {
    return this.#all.events;
  }

  add(time: number, usd: number, received: number, exchange: number, idHash: number): void {
    this.rows.push(time, usd, received * 8 + exchange, idHash);
    this.#all.add(time, usd, exchange);
    if (received > this.#latestReceived) this.#latestReceived = received;
  }

  has(time: number, idHash: number): boolean {
    for (let row = 0; row < this.rows.length; row += ROW) {
      if (this.rows[row + 3] === idHash && this.rows[row] === time) return true;
    }
    return false;
  }

  /** The events with `after` < event time ≤ `upTo` that were received by `received`; all times ms. */
  tally(after: number, upTo: number, received: number): Tally {
    const all = this.#all;
    if (all.first > after && all.last <= upTo && this.#latestReceived <= received) return all;
    const tally = new Tally();
    if (all.last <= after || all.first > upTo) return tally;
    for (let row = 0; row < this.rows.length; row += ROW) {
      const time = this.rows[row] ?? 0;
      const packed = this.rows[row + 2] ?? 0;
      const exchange = packed % 8;
      if (time > after && time <= upTo && (packed - exchange) / 8 <= received) tally.add(time, this.rows[row + 1] ?? 0, exchange);
    }
    return tally;
  }

  /** Takes back rows that `rows` gave. */
  restore(rows: Float64Array): void {
    for (let row = 0; row + ROW <= rows.length; row += ROW) {
      const packed = rows[row + 2] ?? 0;
      this.add(rows[row] ?? 0, rows[row + 1] ?? 0, Math.floor(packed / 8), packed % 8, rows[row + 3] ?? 0);
    }
  }
}
