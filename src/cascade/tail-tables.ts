import type { SecondBucket } from "./second-bucket.ts";
import { NO_EVENTS, Tally } from "./tally.ts";

/** Below this many events, reading each is cheaper than a table. */
const MIN_EVENTS = 24;
/** The seconds cut by the edges of the windows, for the last few seconds of events. */
const MAX_TABLES = 12;

interface Table {
  /** Number of events in the bucket when the table was built. */
  readonly events: number;
  /** Event times, in descending order. */
  readonly times: readonly number[];
  /** At each of these times, the tally of the events from there to the end of the second. */
  readonly tallies: readonly Tally[];
}

/**
 * The part of a second inside a window's edge. In a burst hundreds of events query the same second, each with its own
 * edge, so the answers are computed once and found by bisection.
 */
export class TailTables {
  readonly #tables = new Map<SecondBucket, Table>();

  /** The events of the bucket after `after` that were received by `received`; times ms. */
  after(bucket: SecondBucket, after: number, received: number): Tally {
    if (bucket.events < MIN_EVENTS || bucket.latestReceived > received) return bucket.tally(after, Infinity, received);
    const { times, tallies } = this.#tableOf(bucket);
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((times[middle] ?? -Infinity) > after) low = middle + 1;
      else high = middle;
    }
    return tallies[low - 1] ?? NO_EVENTS;
  }

  #tableOf(bucket: SecondBucket): Table {
    const known = this.#tables.get(bucket);
    if (known?.events === bucket.events) return known;
    const table = layOut(bucket);
    this.#tables.delete(bucket);
    this.#tables.set(bucket, table);
    const oldest = this.#tables.keys().next();
    if (this.#tables.size > MAX_TABLES && oldest.done !== true) this.#tables.delete(oldest.value);
    return table;
  }
}

function layOut(bucket: SecondBucket): Table {
  const rows = [...bucket.rows()].toSorted((a, b) => b.time - a.time);
  const times: number[] = [];
  const tallies: Tally[] = [];
  for (const { time, usd, exchange } of rows) {
    let tally = tallies.at(-1) ?? NO_EVENTS;
    if (times.at(-1) !== time) {
      const next = new Tally();
      next.addAll(tally);
      times.push(time);
      tallies.push(next);
      tally = next;
    }
    tally.add(time, usd, exchange, 0);
  }
  return { events: bucket.events, times, tallies };
}
