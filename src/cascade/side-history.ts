import { EXCHANGES } from "../liquidation-fields.ts";
import type { FlowEvent } from "./flow-onset.ts";
import { type Flow, FlowPass } from "./flow-pass.ts";
import { BLOCK_SECONDS, blockStart, SecondBlock } from "./second-block.ts";
import { TailTables } from "./tail-tables.ts";
import { Tally } from "./tally.ts";

/**
 * The events of one symbol and side over all venues, in blocks of thirty seconds, seconds and rows. A query visits the
 * blocks of the horizon, the seconds of the blocks that a window edge cuts, and the rows of the seconds that it cuts,
 * however many events came before.
 */
export class SideHistory {
  readonly blocks: SecondBlock[] = [];
  readonly #tails = new TailTables();

  /** @returns false where this event is known already */
  add(time: number, usd: number, received: number, exchange: number, idHash: number): boolean {
    return this.#blockOf(Math.floor(time / 1000)).add(time, usd, received, exchange, idHash);
  }

  /** Drops the blocks that end before `second`; returns the number of dropped events. */
  evictBefore(second: number): number {
    let kept = 0;
    while (kept < this.blocks.length && (this.blocks[kept]?.start ?? Infinity) + BLOCK_SECONDS <= second) kept += 1;
    if (kept === 0) return 0;
    return this.blocks.splice(0, kept).reduce((sum, block) => sum + block.all.events, 0);
  }

  /** The events with `after` < event time ≤ `upTo` that were received by `received`; all times ms. */
  between(after: number, upTo: number, received: number): Tally {
    const sum = new Tally();
    for (let index = this.blocks.length - 1; index >= 0; index -= 1) {
      const block = this.blocks[index];
      if (block === undefined || block.all.last <= after || block.all.first > upTo) continue;
      if (block.all.first > after && block.all.last <= upTo && block.latestReceived <= received) sum.addAll(block.all);
      else for (const bucket of block.buckets) sum.addAll(bucket.tally(after, upTo, received));
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
    const pass = new FlowPass(time, received, exchange, this.#tails);
    for (let index = this.blocks.length - 1; index >= 0; index -= 1) {
      const block = this.blocks[index];
      if (block !== undefined) pass.back(block);
    }
    return pass.flow();
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
