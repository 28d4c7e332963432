import type { BookLevel, BookLevels } from "../exchanges/exchange.ts";

/** No venue's shallow book has more than 50 levels per side. A book that grows beyond this has missed deletions. */
const MAX_LEVELS_PER_SIDE = 1000;

export type BookFault = "book_sequence_break" | "book_bad_level" | "book_without_snapshot";

interface BookUpdate {
  readonly action: "snapshot" | "delta";
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  readonly sequence: number | null;
}

/**
 * The book of one instrument, built from a snapshot and the deltas after it. Bybit numbers its updates (`u` rises by
 * one; `u` = 1 follows a restart of its service and replaces the book, as of 2026-11). Bitfinex does not number them.
 * After a break the book is unknown until the next snapshot.
 */
export class OrderBook {
  readonly #bids = new Map<number, number>();
  readonly #asks = new Map<number, number>();
  #sequence: number | null = null;
  #known = false;
  #sorted: BookLevels | null = null;

  /** Applies an update; a fault is returned once, when the book becomes unknown. */
  apply(update: BookUpdate): BookFault | null {
    this.#sorted = null;
    const replaces = update.action === "snapshot" || update.sequence === 1;
    if (replaces) this.#clear();
    else if (!this.#known) return this.#lose("book_without_snapshot");
    else if (!follows(this.#sequence, update.sequence)) return this.#lose("book_sequence_break");
    this.#known = true;
    this.#sequence = update.sequence;
    const good = setLevels(this.#bids, update.bids) && setLevels(this.#asks, update.asks);
    return good ? null : this.#lose("book_bad_level");
  }

  /** Levels from the best price outwards; null while the book is unknown. */
  levels(): BookLevels | null {
    if (!this.#known) return null;
    this.#sorted ??= {
      bids: [...this.#bids].toSorted((a, b) => b[0] - a[0]),
      asks: [...this.#asks].toSorted((a, b) => a[0] - b[0]),
    };
    return this.#sorted;
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

/** A repeated number is harmless, because the size of a level is absolute. */
function follows(last: number | null, next: number | null): boolean {
  return last === null || next === null || next === last + 1 || next === last;
}

function setLevels(side: Map<number, number>, levels: readonly BookLevel[]): boolean {
  for (const [priceText, sizeText] of levels) {
    const price = Number(priceText);
    const size = Number(sizeText);
    if (!(price > 0 && Number.isFinite(price) && size >= 0 && Number.isFinite(size))) return false;
    if (size === 0) side.delete(price);
    else side.set(price, size);
  }
  return side.size <= MAX_LEVELS_PER_SIDE;
}
