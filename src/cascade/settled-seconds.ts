import { Burst } from "./burst.ts";
import { BLOCK_SECONDS, type SecondBlock } from "./second-block.ts";
import type { SecondBucket } from "./second-bucket.ts";
import { decayOver, Tally } from "./tally.ts";

/** The detection window of the cascade state machine. */
export const CASCADE_WINDOW_S = 90;
/** Seconds; each window lies within the next. */
export const WINDOWS = [10, 60, CASCADE_WINDOW_S, 300, 900] as const;
/** Seconds of at least this age are seldom added to: they are summed once for all events of a second. */
export const SETTLED_AGE_S = 2;

/** What a window has of the settled seconds. */
export interface SettledWindow {
  /** The whole seconds in it. */
  readonly whole: Tally;
  /** The second that its edge cuts; undefined where that has no events. */
  readonly cut: SecondBucket | undefined;
}

/**
 * The seconds of a history that are settled at a second: the sums of the whole ones in each window, the velocity and the burst.
 * In a burst hundreds of events of one second need the same ones, and differ only in where a window's edge cuts.
 */
export class SettledSeconds {
  /** As `WINDOWS`. */
  readonly windows: readonly SettledWindow[];
  /** Σ usd · e^(−age/60 s), with ages up to the start of the second. */
  readonly weighted: number;
  /** Null without events. */
  readonly burst: Burst | null;
  /** Receipt of the last of their events: later queries find nothing else in them. */
  readonly latestReceived: number;

  /** @param received only events received by then, ms */
  constructor(blocks: readonly SecondBlock[], second: number, received: number) {
    const pass = new SettledPass(second, received);
    for (let index = blocks.length - 1; index >= 0; index -= 1) {
      const block = blocks[index];
      if (block !== undefined) pass.back(block);
    }
    this.windows = pass.end();
    this.weighted = pass.weighted;
    this.burst = pass.burst;
    this.latestReceived = pass.latestReceived;
  }
}

/** One backward pass through a history. */
class SettledPass {
  weighted = 0;
  burst: Burst | null = null;
  latestReceived = -Infinity;
  readonly #second: number;
  readonly #received: number;
  readonly #sum = new Tally();
  readonly #windows: SettledWindow[] = [];

  constructor(second: number, received: number) {
    this.#second = second;
    this.#received = received;
  }

  /** Adds the next earlier block, at once where no window edge cuts through it. */
  back(block: SecondBlock): void {
    const oldest = this.#second - block.start;
    const newest = oldest - BLOCK_SECONDS + 1;
    if (oldest < SETTLED_AGE_S) return;
    if (newest >= SETTLED_AGE_S) this.#closeBefore(newest);
    const isWhole = newest >= SETTLED_AGE_S && oldest < (WINDOWS[this.#windows.length] ?? Infinity);
    if (isWhole && block.latestReceived <= this.#received && (this.burst?.isOver === true || block.isOneBurst)) {
      this.latestReceived = Math.max(this.latestReceived, block.latestReceived);
      this.#take(block.all, oldest);
      return;
    }
    for (let index = block.buckets.length - 1; index >= 0; index -= 1) {
      const bucket = block.buckets[index];
      if (bucket !== undefined && this.#second - bucket.second >= SETTLED_AGE_S) this.#backSecond(bucket);
    }
  }

  end(): readonly SettledWindow[] {
    this.#closeBefore(Infinity);
    return this.#windows;
  }

  #backSecond(bucket: SecondBucket): void {
    const age = this.#second - bucket.second;
    this.#closeBefore(age);
    if (age === WINDOWS[this.#windows.length]) this.#close(bucket);
    this.latestReceived = Math.max(this.latestReceived, bucket.latestReceived);
    this.#take(bucket.tally(-Infinity, Infinity, this.#received), age);
  }

  /** Closes the windows with an edge in a second without events that is younger than `age`. */
  #closeBefore(age: number): void {
    while (this.#windows.length < WINDOWS.length && (WINDOWS[this.#windows.length] ?? Infinity) < age) this.#close(undefined);
  }

  #close(cut: SecondBucket | undefined): void {
    const whole = new Tally();
    whole.addAll(this.#sum);
    this.#windows.push({ whole, cut });
  }

  #take(tally: Tally, age: number): void {
    if (tally.events === 0) return;
    this.#sum.addAll(tally);
    this.weighted += tally.weighted * decayOver(age);
    this.burst ??= new Burst(tally.last);
    this.burst.back(tally);
  }
}
