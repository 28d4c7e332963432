import { EXCHANGES } from "../liquidation-fields.ts";
import { NO_EVENTS, Tally, weightOf } from "./tally.ts";

/** A venue's index shares a number with a time: it takes the lowest bits, with room for this many venues. */
const EXCHANGE_BITS = 8;
const EXCHANGE_SLOTS = 1 << EXCHANGE_BITS;

if (EXCHANGES.length > EXCHANGE_SLOTS) {
  throw new RangeError(`there are ${EXCHANGES.length} venues, but buckets can hold only ${EXCHANGE_SLOTS}: raise EXCHANGE_BITS`);
}

/** One event as held in a bucket; times ms, USD NaN where unknown. */
export interface BucketRow {
  readonly time: number;
  readonly usd: number;
  readonly received: number;
  /** Index into `EXCHANGES`. */
  readonly exchange: number;
  readonly idHash: number;
}

/**
 * The events of one symbol and side in one second of event time. Four numbers per event in four arrays, because a burst
 * leaves close to a million events in memory.
 */
export class SecondBucket {
  readonly second: number;
  /** Offset in the second, above the bits of the exchange index: small enough for integer arithmetic. */
  readonly #marks: number[] = [];
  /** NaN where unknown. */
  readonly #usd: number[] = [];
  readonly #received: number[] = [];
  readonly #idHashes: number[] = [];
  /** Tally of all its events; `weighted` counts from the start of the second. */
  readonly all = new Tally();
  latestReceived = -Infinity;

  constructor(second: number) {
    this.second = second;
  }

  get events(): number {
    return this.#marks.length;
  }

  /** @param offset whole ms within the second */
  add(offset: number, usd: number, received: number, exchange: number, idHash: number): void {
    this.#marks.push((offset << EXCHANGE_BITS) | exchange);
    this.#usd.push(usd);
    this.#received.push(received);
    this.#idHashes.push(idHash);
    this.all.add(this.second * 1000 + offset, usd, exchange, weightOf(offset));
    if (received > this.latestReceived) this.latestReceived = received;
  }

  has(offset: number, idHash: number): boolean {
    const row = this.#idHashes.indexOf(idHash);
    return row !== -1 && (this.#marks[row] ?? -1) >> EXCHANGE_BITS === offset;
  }

  /** The events with `after` < event time ≤ `upTo` that were received by `received`; all times ms. */
  tally(after: number, upTo: number, received: number): Tally {
    const all = this.all;
    if (all.first > after && all.last <= upTo && this.latestReceived <= received) return all;
    if (all.last <= after || all.first > upTo) return NO_EVENTS;
    const tally = new Tally();
    const start = this.second * 1000;
    const low = Math.max(-1, after - start);
    const high = Math.min(999, upTo - start);
    const isKnown = this.latestReceived <= received;
    const [marks, usd, times] = [this.#marks, this.#usd, this.#received];
    for (let row = 0; row < marks.length; row += 1) {
      const mark = marks[row] ?? 0;
      const offset = mark >> EXCHANGE_BITS;
      if (offset <= low || offset > high || !(isKnown || (times[row] ?? 0) <= received)) continue;
      tally.add(start + offset, usd[row] ?? 0, mark & (EXCHANGE_SLOTS - 1), weightOf(offset));
    }
    return tally;
  }

  *rows(): Generator<BucketRow> {
    for (const [row, mark] of this.#marks.entries()) {
      yield {
        time: this.second * 1000 + (mark >> EXCHANGE_BITS),
        usd: this.#usd[row] ?? Number.NaN,
        received: this.#received[row] ?? 0,
        exchange: mark & (EXCHANGE_SLOTS - 1),
        idHash: this.#idHashes[row] ?? 0,
      };
    }
  }
}
