import type { ExchangeName } from "../liquidation.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import { SecondBucket, Tally, VELOCITY_MS, weightOf } from "./second-bucket.ts";

/** Events further apart than this, on whichever venue, belong to different bursts. */
const BURST_PAUSE_MS = 10_000;
const WINDOWS_S = [10, 60, 300, 900] as const;
const LONGEST_DECAY_S = 3600;
/** e^(−seconds/60 s). */
const DECAY = Float64Array.from({ length: LONGEST_DECAY_S }, (_, seconds) => Math.exp((-seconds * 1000) / VELOCITY_MS));

/** What all venues together did on one symbol and side up to a moment. */
export interface Flow {
  readonly usd1m: number;
  readonly usd5m: number;
  readonly usd15m: number;
  readonly events1m: number;
  /** USD/s. */
  readonly velocity: number;
  /** Venues with an event in the last 10 s. */
  readonly exchanges10s: number;
  /** Largest share of the last 5 min; null where no value is known. */
  readonly dominantExchange: ExchangeName | null;
  /** The running burst's first event on a venue other than the one asked for. */
  readonly firstElsewhere: { readonly exchange: ExchangeName; readonly time: number } | null;
}

/**
 * The events of one symbol and side over all venues, in buckets of a second of event time, sorted. A question costs
 * one pass over the seconds that have events (at most those of the horizon) and the rows of the seconds that a
 * window's edge cuts through, whatever the number of events.
 */
export class SideHistory {
  readonly buckets: SecondBucket[] = [];

  /** @returns false where this event is known already */
  add(time: number, usd: number, received: number, exchange: number, idHash: number): boolean {
    const second = Math.floor(time / 1000);
    const offset = Math.floor(time) - second * 1000;
    const bucket = this.#bucketOf(second);
    if (bucket.has(offset, idHash)) return false;
    bucket.add(offset, usd, received, exchange, idHash);
    return true;
  }

  #bucketOf(second: number): SecondBucket {
    const index = this.lastUpTo(second);
    const found = this.buckets[index];
    if (found?.second === second) return found;
    const bucket = new SecondBucket(second);
    this.buckets.splice(index + 1, 0, bucket);
    return bucket;
  }

  /** Index of the last bucket that is not after `second`, −1 where none: most questions are about the newest. */
  lastUpTo(second: number): number {
    let low = 0;
    let high = this.buckets.length;
    const newest = this.buckets[high - 1];
    if (newest === undefined || newest.second <= second) return high - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.buckets[middle]?.second ?? Infinity) <= second) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Drops what is older than `second`; gives the number of events dropped. */
  evictBefore(second: number): number {
    const dropped = this.buckets.splice(0, this.lastUpTo(second - 1) + 1);
    return dropped.reduce((sum, bucket) => sum + bucket.events, 0);
  }

  /** The events with `after` < event time ≤ `upTo` that were received by `received`; all times ms. */
  between(after: number, upTo: number, received: number): Tally {
    const sum = new Tally();
    const oldest = Math.floor(after / 1000);
    for (let index = this.lastUpTo(Math.floor(upTo / 1000)); index >= 0; index -= 1) {
      const bucket = this.buckets[index];
      if (bucket === undefined || bucket.second < oldest) break;
      sum.addAll(bucket.tally(after, upTo, received));
    }
    return sum;
  }

  /**
   * The flow at `time`, of events received by `received`. Velocity: v ← v·e^(−Δ/60 s) + usd/60, that is
   * Σ usd/60 · e^(−age/60 s), an exponentially weighted moving sum (as in Roberts 1959, Technometrics 1, for unevenly
   * spaced times). What is older than the horizon of 25 min weighs under e^−25 and is left out.
   */
  flow(time: number, received: number, exchange: number): Flow {
    const second = Math.floor(time / 1000);
    const windows = new Windows();
    const burst = new Burst(time, exchange);
    let weighted = 0;
    for (let index = this.lastUpTo(second); index >= 0; index -= 1) {
      const bucket = this.buckets[index];
      if (bucket === undefined) break;
      const age = second - bucket.second;
      while (age > windows.reach) windows.close();
      if (age === windows.reach) windows.close(bucket.tally(time - age * 1000, time, received));
      const tally = bucket.tally(-Infinity, time, received);
      if (tally.events === 0) continue;
      windows.add(tally);
      weighted += tally.weighted * (DECAY[age] ?? 0);
      burst.before(tally);
    }
    const [tenSeconds, minute, fiveMinutes, quarter] = windows.all();
    return {
      usd1m: minute.usd,
      usd5m: fiveMinutes.usd,
      usd15m: quarter.usd,
      events1m: minute.events,
      velocity: weighted / weightOf(Math.floor(time) - second * 1000) / (VELOCITY_MS / 1000),
      exchanges10s: tenSeconds.firstByExchange.filter((first) => first < Infinity).length,
      dominantExchange: largest(fiveMinutes.usdByExchange),
      firstElsewhere: burst.firstElsewhere,
    };
  }
}

/** The sums of the windows, which lie within each other, on one way back through the seconds. */
class Windows {
  readonly #closed: Tally[] = [];
  readonly #open = new Tally();

  /** Seconds of the shortest window that is still open: its edge lies in that second. */
  get reach(): number {
    return WINDOWS_S[this.#closed.length] ?? Infinity;
  }

  add(tally: Tally): void {
    if (this.#closed.length < WINDOWS_S.length) this.#open.addAll(tally);
  }

  /** @param part what the edge leaves of its second */
  close(part?: Tally): void {
    const window = new Tally();
    window.addAll(this.#open);
    if (part !== undefined) window.addAll(part);
    this.#closed.push(window);
  }

  all(): readonly [Tally, Tally, Tally, Tally] {
    const [tenSeconds = this.#open, minute = this.#open, fiveMinutes = this.#open, quarter = this.#open] = this.#closed;
    return [tenSeconds, minute, fiveMinutes, quarter];
  }
}

function largest(usdByExchange: readonly number[]): ExchangeName | null {
  let found: ExchangeName | null = null;
  let most = 0;
  for (const [index, name] of EXCHANGES.entries()) {
    const usd = usdByExchange[index] ?? 0;
    if (usd <= most) continue;
    most = usd;
    found = name;
  }
  return found;
}

/** Follows a burst backwards from a moment to its first event. */
class Burst {
  readonly #own: number;
  #edge: number;
  #over = false;
  #firstTime = Infinity;
  #firstExchange = -1;

  constructor(time: number, own: number) {
    this.#edge = time;
    this.#own = own;
  }

  get firstElsewhere(): Flow["firstElsewhere"] {
    const exchange = EXCHANGES[this.#firstExchange];
    return exchange === undefined ? null : { exchange, time: this.#firstTime };
  }

  before(tally: Tally): void {
    this.#over ||= this.#edge - tally.last > BURST_PAUSE_MS;
    if (this.#over) return;
    this.#edge = tally.first;
    for (let index = 0; index < EXCHANGES.length; index += 1) {
      const time = tally.firstByExchange[index] ?? Infinity;
      if (index === this.#own || time >= this.#firstTime) continue;
      this.#firstTime = time;
      this.#firstExchange = index;
    }
  }
}
