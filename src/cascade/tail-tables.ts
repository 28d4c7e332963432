import { EXCHANGES } from "../liquidation-fields.ts";
import type { SecondBucket } from "./second-bucket.ts";
import { neverByExchange, NO_EVENTS, type Tally, zeroByExchange } from "./tally.ts";

/** Below this many events, reading each is cheaper than a table. */
const MIN_EVENTS = 24;
/** The seconds cut by the edges of the windows, for the last few seconds of events. */
const MAX_TABLES = 12;

/** What the windows sum of a part of a second. */
export type Tail = Pick<Tally, "events" | "usd" | "usdByExchange" | "firstByExchange">;

interface Table {
  /** Event times, in descending order. */
  readonly times: Float64Array;
  /** At each of them the sums from there to the end of the second: USD, USD by venue, and the first time by venue. */
  readonly sums: readonly number[];
}

const VENUES = EXCHANGES.length;
const WIDTH = 1 + 2 * VENUES;

/**
 * The part of a second inside a window's edge. In a burst hundreds of events query the same second, each with its own
 * edge, so the answers are computed once and found by bisection.
 */
export class TailTables {
  readonly #tables = new Map<SecondBucket, Table>();

  /** The events of the bucket after `after` that were received by `received`; times ms. */
  after(bucket: SecondBucket, after: number, received: number): Tail {
    if (bucket.events < MIN_EVENTS || bucket.latestReceived > received) return bucket.tally(after, Infinity, received);
    const { times, sums } = this.#tableOf(bucket);
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((times[middle] ?? -Infinity) > after) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return NO_EVENTS;
    const at = (low - 1) * WIDTH;
    return {
      events: low,
      usd: sums[at] ?? 0,
      usdByExchange: sums.slice(at + 1, at + 1 + VENUES),
      firstByExchange: sums.slice(at + 1 + VENUES, at + WIDTH),
    };
  }

  #tableOf(bucket: SecondBucket): Table {
    const known = this.#tables.get(bucket);
    if (known?.times.length === bucket.events) return known;
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
  const times = new Float64Array(rows.length);
  const sums: number[] = [];
  const running = [0, ...zeroByExchange(), ...neverByExchange()];
  for (const [index, { time, usd, exchange }] of rows.entries()) {
    times[index] = time;
    // In descending order, so that each is the first of its venue so far.
    running[1 + VENUES + exchange] = time;
    if (!Number.isNaN(usd)) {
      running[0] = (running[0] ?? 0) + usd;
      running[1 + exchange] = (running[1 + exchange] ?? 0) + usd;
    }
    sums.push(...running);
  }
  return { times, sums };
}
