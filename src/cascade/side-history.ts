import { EXCHANGES } from "../liquidation-fields.ts";
import type { FlowEvent } from "./flow-onset.ts";
import { type Flow, flowAt } from "./flow.ts";
import { BLOCK_SECONDS, blockStart, SecondBlock } from "./second-block.ts";
import type { SecondBucket } from "./second-bucket.ts";
import { SETTLED_AGE_S, SettledSeconds } from "./settled-seconds.ts";
import { TailTables } from "./tail-tables.ts";
import { NO_EVENTS, Tally } from "./tally.ts";

/** Events of the last three seconds arrive at once. */
const MAX_SETTLED = 3;

/**
 * The events of one symbol and side over all venues, in blocks of thirty seconds, seconds and rows. The first query of a
 * second visits the blocks of the horizon and the seconds of those that a window edge cuts; later ones read the rows of the
 * last two seconds and of those that an edge cuts, however many events came before.
 */
export class SideHistory {
  readonly blocks: SecondBlock[] = [];
  readonly #tails = new TailTables();
  /** By the second that they are settled at; the last few. */
  readonly #settled = new Map<number, SettledSeconds>();

  /** @returns false where this event is known already */
  add(time: number, usd: number, received: number, exchange: number, idHash: number): boolean {
    const second = Math.floor(time / 1000);
    const isNew = this.#blockOf(second).add(time, usd, received, exchange, idHash);
    if (isNew) for (const at of this.#settled.keys()) if (at - second >= SETTLED_AGE_S) this.#settled.delete(at);
    return isNew;
  }

  /** Drops the blocks that end before `second`; returns the number of dropped events. */
  evictBefore(second: number): number {
    let kept = 0;
    while (kept < this.blocks.length && (this.blocks[kept]?.start ?? Infinity) + BLOCK_SECONDS <= second) kept += 1;
    if (kept === 0) return 0;
    this.#settled.clear();
    return this.blocks.splice(0, kept).reduce((sum, block) => sum + block.all.events, 0);
  }

  /** The events with `after` < event time ≤ `upTo` that were received by `received`; all times ms. */
  between(after: number, upTo: number, received: number): Tally {
    const sum = new Tally();
    for (let index = this.blocks.length - 1; index >= 0; index -= 1) {
      const block = this.blocks[index];
      if (block === undefined || block.all.first > upTo) continue;
      if (block.all.last <= after) break;
      if (block.all.first > after && block.all.last <= upTo && block.latestReceived <= received) {
        sum.addAll(block.all);
        continue;
      }
      for (const bucket of block.buckets) {
        const tally = bucket.tally(after, upTo, received);
        if (tally !== NO_EVENTS) sum.addAll(tally);
      }
    }
    return sum;
  }

  /** The events with `after` < event time ≤ `upTo` that were received by `received`, in order of time; all times ms. */
  events(after: number, upTo: number, received: number): readonly FlowEvent[] {
    const found: FlowEvent[] = [];
    for (const { all, buckets } of this.blocks) {
      if (all.last <= after || all.first > upTo) continue;
      for (const bucket of buckets) {
        for (const row of bucket.rows()) {
          const exchange = EXCHANGES[row.exchange];
          if (row.time <= after || row.time > upTo || row.received > received || exchange === undefined) continue;
          found.push({ time: row.time, usd: Number.isNaN(row.usd) ? 0 : row.usd, exchange });
        }
      }
    }
    return found.toSorted((a, b) => a.time - b.time);
  }

  /** The flow at `time` of events received by `received`, as seen from the venue with index `exchange`. */
  flow(time: number, received: number, exchange: number): Flow {
    const second = Math.floor(time / 1000);
    const recent: SecondBucket[] = [];
    for (let age = 0; age < SETTLED_AGE_S; age += 1) {
      const bucket = this.#bucketAt(second - age);
      if (bucket !== undefined) recent.push(bucket);
    }
    return flowAt(time, received, exchange, { recent, settled: this.#settledAt(second, received), tails: this.#tails });
  }

  /** Those that hold nothing received later are kept: they are the same for every later query. */
  #settledAt(second: number, received: number): SettledSeconds {
    const known = this.#settled.get(second);
    if (known !== undefined && known.latestReceived <= received) return known;
    const settled = new SettledSeconds(this.blocks, second, received);
    if (settled.latestReceived > received) return settled;
    this.#settled.set(second, settled);
    const oldest = this.#settled.keys().next();
    if (this.#settled.size > MAX_SETTLED && oldest.done !== true) this.#settled.delete(oldest.value);
    return settled;
  }

  #bucketAt(second: number): SecondBucket | undefined {
    const start = blockStart(second);
    const block = this.blocks.findLast((one) => one.start <= second);
    return block?.start === start ? block.buckets.findLast((bucket) => bucket.second === second) : undefined;
  }

  #blockOf(second: number): SecondBlock {
    const start = blockStart(second);
    let index = this.blocks.length;
    while (index > 0 && (this.blocks[index - 1]?.start ?? 0) > start) index -= 1;
    const found = this.blocks[index - 1];
    if (found?.start === start) return found;
    const block = new SecondBlock(start);
    this.blocks.splice(index, 0, block);
    return block;
  }
}
