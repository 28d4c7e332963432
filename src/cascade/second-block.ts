import { SecondBucket } from "./second-bucket.ts";
import { decayOver, Tally, weightOf } from "./tally.ts";

/** About the square root of the 900 s of the longest window, so that a pass visits as many blocks as seconds. */
export const BLOCK_SECONDS = 30;
/** Events further apart than this, on any venues, belong to different bursts. */
export const BURST_PAUSE_MS = 10_000;

/** First second of the block that contains a second. */
export function blockStart(second: number): number {
  return Math.floor(second / BLOCK_SECONDS) * BLOCK_SECONDS;
}

/** Thirty seconds of buckets, with their sums. */
export class SecondBlock {
  /** First second. */
  readonly start: number;
  /** Sorted, without seconds that have no events. */
  readonly buckets: SecondBucket[] = [];
  /** Tally of all its events; `weighted` counts from the start of the block. */
  readonly all = new Tally();
  latestReceived = -Infinity;
  #isOneBurst: boolean | null = true;

  constructor(start: number) {
    this.start = start;
  }

  /** @returns false where this event is known already */
  add(time: number, usd: number, received: number, exchange: number, idHash: number): boolean {
    const second = Math.floor(time / 1000);
    const offset = Math.floor(time) - second * 1000;
    const bucket = this.#bucketOf(second);
    if (bucket.has(offset, idHash)) return false;
    bucket.add(offset, usd, received, exchange, idHash);
    // An event close to the others never splits a burst, but may close its holes.
    if (this.#isOneBurst === false || time < this.all.first - BURST_PAUSE_MS || time > this.all.last + BURST_PAUSE_MS)
      this.#isOneBurst = null;
    this.all.add(Math.floor(time), usd, exchange, weightOf(offset) / decayOver(second - this.start));
    if (received > this.latestReceived) this.latestReceived = received;
    return true;
  }

  /** Whether no pause within the block is long enough to end a burst. */
  get isOneBurst(): boolean {
    this.#isOneBurst ??= this.buckets.every((bucket, index) => {
      const before = this.buckets[index - 1];
      return before === undefined || bucket.all.first - before.all.last <= BURST_PAUSE_MS;
    });
    return this.#isOneBurst;
  }

  #bucketOf(second: number): SecondBucket {
    let index = this.buckets.length;
    while (index > 0 && (this.buckets[index - 1]?.second ?? 0) > second) index -= 1;
    const found = this.buckets[index - 1];
    if (found?.second === second) return found;
    const bucket = new SecondBucket(second);
    this.buckets.splice(index, 0, bucket);
    return bucket;
  }
}
