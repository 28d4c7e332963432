import type { ExchangeName } from "../liquidation.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import { BLOCK_SECONDS, BURST_PAUSE_MS, type SecondBlock } from "./second-block.ts";
import type { SecondBucket } from "./second-bucket.ts";
import type { TailTables } from "./tail-tables.ts";
import { decayOver, NO_EVENTS, Tally, VELOCITY_MS, weightOf } from "./tally.ts";

/** The flow of all venues on one symbol and side up to a moment. */
export interface Flow {
  readonly usd1m: number;
  readonly usd5m: number;
  readonly usd15m: number;
  readonly events1m: number;
  readonly usd90s: number;
  readonly events90s: number;
  /** USD/s. */
  readonly velocity: number;
  /** Number of venues with an event in the last 10 s. */
  readonly exchanges10s: number;
  /** Venue with the largest share of the last 5 min; null where no value is known. */
  readonly dominantExchange: ExchangeName | null;
  /** The first event of the running burst on another venue. */
  readonly firstElsewhere: { readonly exchange: ExchangeName; readonly time: number } | null;
}

/** The detection window of the cascade state machine. */
export const CASCADE_WINDOW_S = 90;
/** Seconds; each window lies within the next. */
const WINDOWS = [10, 60, CASCADE_WINDOW_S, 300, 900] as const;

/**
 * One backward pass through a history from a moment, which sums its windows, its velocity and its burst. Velocity: v ←
 * v·e^(−Δ/60 s) + usd/60, that is Σ usd/60 · e^(−age/60 s), an exponentially weighted moving sum at uneven times
 * (Roberts 1959, Technometrics 1); events older than the history weigh less than e^−15.
 */
export class FlowPass {
  readonly #time: number;
  readonly #second: number;
  readonly #received: number;
  readonly #own: number;
  readonly #tails: TailTables;
  readonly #sum = new Tally();
  #closed = 0;
  #weighted = 0;
  #burstStart: number;
  #burstIsOver = false;
  #firstElsewhere = Infinity;
  #elsewhere = -1;
  #exchanges10s = 0;
  #usd1m = 0;
  #events1m = 0;
  #usd90s = 0;
  #events90s = 0;
  #usd5m = 0;
  #dominant = -1;
  #usd15m = 0;

  constructor(time: number, received: number, own: number, tails: TailTables) {
    this.#tails = tails;
    this.#time = Math.floor(time);
    this.#second = Math.floor(time / 1000);
    this.#received = received;
    this.#own = own;
    this.#burstStart = this.#time;
  }

  /** Adds the next earlier block, at once where no window edge cuts through it. */
  back(block: SecondBlock): void {
    const oldest = this.#second - block.start;
    const newest = oldest - BLOCK_SECONDS + 1;
    this.#closeBefore(newest);
    const isWhole = newest > 0 && oldest < (WINDOWS[this.#closed] ?? Infinity);
    if (isWhole && block.latestReceived <= this.#received && (this.#burstIsOver || block.isOneBurst)) {
      this.#take(block.all, oldest);
      return;
    }
    for (let index = block.buckets.length - 1; index >= 0; index -= 1) {
      const bucket = block.buckets[index];
      if (bucket !== undefined && bucket.second <= this.#second) this.#backSecond(bucket);
    }
  }

  flow(): Flow {
    while (this.#closed < WINDOWS.length) this.#close(NO_EVENTS);
    const exchange = EXCHANGES[this.#elsewhere];
    return {
      usd1m: this.#usd1m,
      usd5m: this.#usd5m,
      usd15m: this.#usd15m,
      events1m: this.#events1m,
      usd90s: this.#usd90s,
      events90s: this.#events90s,
      velocity: this.#weighted / weightOf(this.#time - this.#second * 1000) / (VELOCITY_MS / 1000),
      exchanges10s: this.#exchanges10s,
      dominantExchange: EXCHANGES[this.#dominant] ?? null,
      firstElsewhere: exchange === undefined ? null : { exchange, time: this.#firstElsewhere },
    };
  }

  #backSecond(bucket: SecondBucket): void {
    const age = this.#second - bucket.second;
    this.#closeBefore(age);
    if (age === WINDOWS[this.#closed]) this.#close(this.#tails.after(bucket, this.#time - age * 1000, this.#received));
    this.#take(bucket.tally(-Infinity, this.#time, this.#received), age);
  }

  /** Closes the windows with an edge in a second without events that is younger than `age`. */
  #closeBefore(age: number): void {
    while ((WINDOWS[this.#closed] ?? Infinity) < age) this.#close(NO_EVENTS);
  }

  #take(tally: Tally, age: number): void {
    if (tally.events === 0) return;
    this.#add(tally);
    this.#weighted += tally.weighted * decayOver(age);
    this.#followBurst(tally);
  }

  /** Adds the values that the open windows need. */
  #add(tally: Tally): void {
    const window = WINDOWS[this.#closed];
    if (window === 10) this.#sum.addAll(tally);
    else if (window !== 900) this.#sum.addSums(tally);
    else this.#sum.usd += tally.usd;
  }

  #followBurst(tally: Tally): void {
    this.#burstIsOver ||= this.#burstStart - tally.last > BURST_PAUSE_MS;
    if (this.#burstIsOver) return;
    this.#burstStart = tally.first;
    for (let exchange = 0; exchange < EXCHANGES.length; exchange += 1) {
      const first = tally.firstByExchange[exchange] ?? Infinity;
      if (exchange === this.#own || first >= this.#firstElsewhere) continue;
      this.#firstElsewhere = first;
      this.#elsewhere = exchange;
    }
  }

  /** @param part the part of its second inside the window's edge */
  #close(part: Tally): void {
    const window = WINDOWS[this.#closed];
    this.#closed += 1;
    if (window === 10) this.#exchanges10s = exchangesIn(this.#sum, part);
    if (window === 60) {
      this.#usd1m = this.#sum.usd + part.usd;
      this.#events1m = this.#sum.events + part.events;
    }
    if (window === CASCADE_WINDOW_S) {
      this.#usd90s = this.#sum.usd + part.usd;
      this.#events90s = this.#sum.events + part.events;
    }
    if (window === 300) {
      this.#usd5m = this.#sum.usd + part.usd;
      this.#dominant = largest(this.#sum, part);
    }
    if (window === 900) this.#usd15m = this.#sum.usd + part.usd;
  }
}

function exchangesIn(one: Tally, other: Tally): number {
  let count = 0;
  for (let exchange = 0; exchange < EXCHANGES.length; exchange += 1) {
    const first = Math.min(one.firstByExchange[exchange] ?? Infinity, other.firstByExchange[exchange] ?? Infinity);
    if (first < Infinity) count += 1;
  }
  return count;
}

/** Index of the venue with the most USD, the first of equal ones; −1 where there is none. */
function largest(one: Tally, other: Tally): number {
  let found = -1;
  let most = 0;
  for (let exchange = 0; exchange < EXCHANGES.length; exchange += 1) {
    const usd = (one.usdByExchange[exchange] ?? 0) + (other.usdByExchange[exchange] ?? 0);
    if (usd <= most) continue;
    most = usd;
    found = exchange;
  }
  return found;
}
