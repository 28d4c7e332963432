import { type StreamItem, type SkippedItem, isDroppable, isRecord, placeOf, timeOf } from "./stream-item.ts";

export interface LagQueueOptions {
  /** Longest time that a frame waits for its consumer, ms; null for any. */
  readonly maxLagMs: number | null;
  /** Characters that wait at most, give or take what one read of the connection brings. */
  readonly maxSize: number;
  /** The request that returns the liquidations of these times. */
  readonly request: (fromTime: number, toTime: number) => string;
  readonly now: () => number;
}

interface Entry {
  item: StreamItem;
  readonly size: number;
  readonly time: number;
}

/** Times of the frames that a `skipped` stands for. */
interface Skip {
  readonly entry: Entry;
  from: number;
  to: number;
}

const SKIPPED_SIZE = 300;

/**
 * What a connection brought and its consumer has not taken. It is bounded: without a limit of the lag the connection is not
 * read further while it is full, and with one the oldest frames give way to a `skipped` that names them.
 */
export class LagQueue {
  readonly #options: LagQueueOptions;
  #entries: Entry[] = [];
  #size = 0;
  #skip: Skip | null = null;
  #end: { readonly error: unknown } | null = null;
  /** Called when an item, or the end, is there. */
  #wake: (() => void) | null = null;
  /** Called when there may be room. */
  #taken: (() => void) | null = null;

  constructor(options: LagQueueOptions) {
    this.#options = options;
  }

  push(item: StreamItem, size: number): void {
    this.#entries.push({ item, size, time: this.#options.now() });
    this.#size += size;
    this.#drop();
    this.#wake?.();
  }

  /** No more comes. @param error thrown to the consumer once it has what came before; null for none */
  end(error: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
    this.#taken?.();
  }

  /** The next item, as soon as there is one; null at the end. @throws the error of the end */
  async take(): Promise<StreamItem | null> {
    for (;;) {
      this.#drop();
      const entry = this.#entries.shift();
      if (entry !== undefined) {
        this.#size -= entry.size;
        if (entry === this.#skip?.entry) this.#skip = null;
        this.#taken?.();
        return entry.item;
      }
      if (this.#end !== null) {
        if (this.#end.error === null) return null;
        throw this.#end.error;
      }
      await new Promise<void>((done) => {
        this.#wake = done;
      });
      this.#wake = null;
    }
  }

  /** Whether the connection may be read further. */
  get hasRoom(): boolean {
    return this.#size <= this.#options.maxSize;
  }

  /** Waits until there is room, or the end. */
  async room(): Promise<void> {
    while (!this.hasRoom && this.#end === null) {
      await new Promise<void>((done) => {
        this.#taken = done;
      });
      this.#taken = null;
    }
  }

  /** Leaves out the oldest frames where they have waited too long, or where all together take too much. */
  #drop(): void {
    const { maxLagMs, maxSize, now } = this.#options;
    if (maxLagMs === null) return;
    const oldest = now() - maxLagMs;
    const kept: Entry[] = [];
    let index = 0;
    for (; index < this.#entries.length; index += 1) {
      const entry = this.#entries[index];
      if (entry === undefined || (entry.time >= oldest && this.#size <= maxSize)) break;
      if (isDroppable(entry.item)) this.#leaveOut(entry, kept);
      else kept.push(entry);
    }
    if (index > 0) this.#entries = [...kept, ...this.#entries.slice(index)];
  }

  #leaveOut(entry: Entry, kept: Entry[]): void {
    this.#size -= entry.size;
    // Totals and beats say what holds, and the next ones say it again.
    if (!isRecord(entry.item)) return;
    const time = timeOf(entry.item);
    if (this.#skip === null) {
      this.#skip = { entry: { item: entry.item, size: SKIPPED_SIZE, time: entry.time }, from: time, to: time };
      this.#size += SKIPPED_SIZE;
      kept.push(this.#skip.entry);
    }
    const skip = this.#skip;
    skip.from = Math.min(skip.from, time);
    skip.to = Math.max(skip.to, time);
    const before = skip.entry.item.type === "skipped" ? skip.entry.item : null;
    const id = placeOf(entry.item);
    skip.entry.item = {
      type: "skipped",
      by: "client",
      from_id: before === null ? id : before.from_id,
      to_id: id,
      count: (before?.count ?? 0) + 1,
      request: this.#options.request(skip.from, skip.to),
      id,
    } satisfies SkippedItem;
  }
}
