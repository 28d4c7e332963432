import type { LogEntry } from "../../src/stream/log-entry.ts";

/** A logged frame with its text. */
export interface TailFrame extends LogEntry {
  readonly id: string;
  readonly text: string;
}

/** Frames kept in memory. */
export const KEPT_FRAMES = 1_000;

/** The last frames that a relay sent, so that many clients who come back at once cost the hub no reads. */
export class RelayTail {
  #frames: TailFrame[] = [];
  #from: number;
  /** Whether the frames before have been asked for. */
  #isExtended: boolean;

  constructor(from: number) {
    this.#from = from;
    this.#isExtended = from === 0;
  }

  /** The frames after this sequence are held. */
  get from(): number {
    return this.#from;
  }

  /** Whether a sequence lies so little before the frames held that these are to be extended, which is done once. */
  isNear(after: number): boolean {
    return !this.#isExtended && after < this.#from && after >= this.#from - KEPT_FRAMES;
  }

  add(frames: readonly TailFrame[]): void {
    this.#frames.push(...frames);
    // Cut seldom, as a cut copies the rest.
    if (this.#frames.length < 2 * KEPT_FRAMES) return;
    this.#frames = this.#frames.slice(-KEPT_FRAMES);
    this.#from = (this.#frames[0]?.sequence ?? 1) - 1;
    this.#isExtended = true;
  }

  /** Puts frames before the others: those after `from` up to them. Where some of them were cut meanwhile, it changes nothing. */
  putBefore(frames: readonly TailFrame[], from: number): void {
    if (this.#isExtended) return;
    this.#isExtended = true;
    this.#frames = [...frames.filter(({ sequence }) => sequence <= this.#from), ...this.#frames];
    this.#from = Math.min(from, this.#from);
  }

  /** The frames after a sequence, at most `limit`; null where older ones are needed. */
  read(after: number, limit: number): readonly TailFrame[] | null {
    if (after < this.#from) return null;
    const start = after - this.#from;
    return this.#frames.slice(start, start + limit);
  }
}
