import { NO_EVENTS, Tally, weightOf } from "./tally.ts";

const NUMBERS_A_ROW = 4;

/** One event as a bucket knows it; times ms, USD NaN where unknown. */
export interface BucketRow {
  readonly time: number;
  readonly usd: number;
  readonly received: number;
  /** Index into `EXCHANGES`. */
  readonly exchange: number;
  readonly idHash: number;
}

/**
 * The events of one symbol and side in one second of event time. Four numbers an event in four arrays, since a burst
 * leaves close to a million in memory.
 */
export class SecondBucket {
  readonly second: number;
  /** Offset in the second × 8 + exchange index: small enough for integer arithmetic. */
  readonly #marks: number[] = [];
  /** NaN where unknown. */
  readonly #usd: number[] = [];
  readonly #received: number[] = [];
  readonly #idHashes: number[] = [];
  /** Over all its events; `weighted` from the start of the second. */
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
    this.#marks.push(offset * 8 + exchange);
    this.#usd.push(usd);
    this.#received.push(received);
    this.#idHashes.push(idHash);
    this.all.add(this.second * 1000 + offset, usd, exchange, weightOf(offset));
    if (received > this.latestReceived) this.latestReceived = received;
  }

  has(offset: number, idHash: number): boolean {
    const row = this.#idHashes.indexOf(idHash);
    return row !== -1 && (this.#marks[row] ?? -1) >> 3 === offset;
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
      const offset = mark >> 3;
      if (offset <= low || offset > high || !(isKnown || (times[row] ?? 0) <= received)) continue;
      tally.add(start + offset, usd[row] ?? 0, mark & 7, weightOf(offset));
    }
    return tally;
  }

  *rows(): Generator<BucketRow> {
    for (const [row, mark] of this.#marks.entries()) {
      yield {
        time: this.second * 1000 + (mark >> 3),
        usd: this.#usd[row] ?? Number.NaN,
        received: this.#received[row] ?? 0,
        exchange: mark & 7,
        idHash: this.#idHashes[row] ?? 0,
      };
    }
  }
}

/** Rows as four numbers each, for a store: event time, USD, received time × 8 + exchange index, hash of the id. */
export function packRows(rows: Iterable<BucketRow>): Float64Array {
  const numbers: number[] = [];
  for (const { time, usd, received, exchange, idHash } of rows) numbers.push(time, usd, received * 8 + exchange, idHash);
  return Float64Array.from(numbers);
}

export function* unpackRows(numbers: Float64Array): Generator<BucketRow> {
  for (let at = 0; at + NUMBERS_A_ROW <= numbers.length; at += NUMBERS_A_ROW) {
    const [time = 0, usd = Number.NaN, packed = 0, idHash = 0] = numbers.subarray(at, at + NUMBERS_A_ROW);
    const received = Math.floor(packed / 8);
    yield { time, usd, received, exchange: packed - received * 8, idHash };
  }
}
