import type { BookLevel } from "../exchanges/exchange.ts";
import type { BookSides } from "./book-depth.ts";
import { BookSide } from "./book-side.ts";

/** The deepest topic of a venue has 1,000 levels per side. A book that grows beyond this has missed deletions. */
const MAX_LEVELS_PER_SIDE = 1200;

export type BookFault = "book_sequence_break" | "book_bad_level" | "book_without_snapshot";

interface BookUpdate {
  readonly action: "snapshot" | "delta";
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  readonly sequence: number | null;
  readonly previousSequence?: number;
}

/**
 * The book of one instrument, built from a snapshot and the deltas after it. Bybit numbers its updates (`u` rises by
 * one; `u` = 1 follows a restart of its service and replaces the book, as of 2026-11). OKX names the update before
 * (`prevSeqId`), by whatever step. Bitfinex does not number them. After a break the book is unknown until the next
 * snapshot.
 */
export class OrderBook {
  readonly #bids = new BookSide("bids");
  readonly #asks = new BookSide("asks");
  #sequence: number | null = null;
  #known = false;

  /** Applies an update; a fault is returned once, when the book becomes unknown. */
  apply(update: BookUpdate): BookFault | null {
    const restarts = update.sequence === 1 && update.previousSequence === undefined;
    if (update.action === "snapshot" || restarts) this.#clear();
    else if (!this.#known) return this.#lose("book_without_snapshot");
    else if (!this.#isNext(update)) return this.#lose("book_sequence_break");
    this.#known = true;
    this.#sequence = update.sequence;
    const good = this.#bids.set(update.bids) && this.#asks.set(update.asks);
    const fits = Math.max(this.#bids.length, this.#asks.length) <= MAX_LEVELS_PER_SIDE;
    return good && fits ? null : this.#lose("book_bad_level");
  }

  get isKnown(): boolean {
    return this.#known;
  }

  /** The sides as they are now and change with the book; null while it is unknown. */
  sides(): BookSides | null {
    return this.#known ? { bids: this.#bids, asks: this.#asks } : null;
  }

  /** A repeated number is harmless, because the size of a level is absolute. */
  #isNext({ sequence, previousSequence }: BookUpdate): boolean {
    const last = this.#sequence;
    if (previousSequence !== undefined) return previousSequence === last;
    return last === null || sequence === null || sequence === last + 1 || sequence === last;
  }

  #clear(): void {
    this.#bids.clear();
    this.#asks.clear();
  }

  #lose(fault: BookFault): BookFault | null {
    const first = this.#known || fault === "book_without_snapshot";
    this.#known = false;
    this.#clear();
    return first ? fault : null;
  }
}
