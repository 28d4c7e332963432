import { bookDepth, type BookDepth, type BookSides } from "./book-depth.ts";
import { readSide } from "./book-side.ts";
import { OrderBook, type BookFault } from "./order-book.ts";
import { RealisedVolatility } from "./realised-volatility.ts";
import type { Exchange, Instrument, FeedMessage } from "../exchanges/exchange.ts";

/** A value and the time at which it was received, ms. */
export interface Timed<T> {
  readonly value: T;
  readonly receivedTime: number;
}

/** Faults of market data and their number since the last call. Only the values concerned become unknown. */
export interface MarketFault {
  readonly instrument: string;
  readonly fault: BookFault | "book_unusable" | "bad_price";
  readonly count: number;
}

type BookMessage = Extract<FeedMessage, { readonly kind: "book" }>;

/** The market of one instrument as seen by one socket session. */
export class InstrumentMarket {
  mark: Timed<number> | null = null;
  index: Timed<number> | null = null;
  funding: Timed<number> | null = null;
  /** ms */
  fundingInterval: Timed<number> | null = null;
  /** USD of the last 24 hours. */
  turnover: Timed<number> | null = null;
  /** In base units. */
  openInterest: Timed<number> | null = null;
  quote: Timed<{ readonly bid: number; readonly ask: number }> | null = null;
  readonly volatility = new RealisedVolatility();
  #book: Timed<OrderBook | string> | null = null;
  /** Undefined until the first request after an update: most books are never read. */
  #depth: BookDepth | null | undefined;
  readonly #instrument: Instrument | undefined;
  readonly #readBook: Exchange["readBook"];

  constructor(readBook: Exchange["readBook"], instrument: Instrument | undefined) {
    this.#readBook = readBook;
    this.#instrument = instrument;
  }

  setBookText(text: string, receivedTime: number): void {
    this.#book = { value: text, receivedTime };
    this.#depth = undefined;
  }

  updateBook(update: BookMessage, receivedTime: number): { readonly fault: BookFault | null; readonly isKnown: boolean } {
    const book = this.#book?.value instanceof OrderBook ? this.#book.value : new OrderBook();
    this.#book = { value: book, receivedTime };
    this.#depth = undefined;
    const fault = book.apply(update);
    return { fault, isKnown: book.isKnown };
  }

  /** The book, if a usable one exists; `unusable` is called once for each book that is not. */
  book(unusable: () => void): Timed<BookDepth> | null {
    if (this.#book === null || this.#instrument === undefined) return null;
    const { value, receivedTime } = this.#book;
    if (this.#depth === undefined) {
      const sides = value instanceof OrderBook ? value.sides() : this.#readSides(value);
      this.#depth = sides === null ? null : bookDepth(sides, this.#instrument);
      const reported = value instanceof OrderBook && sides === null;
      if (this.#depth === null && !reported) unusable();
    }
    return this.#depth === null ? null : { value: this.#depth, receivedTime };
  }
  #readSides(text: string): BookSides | null {
    const levels = this.#readBook?.(text) ?? null;
    const bids = levels === null ? null : readSide(levels.bids);
    const asks = levels === null ? null : readSide(levels.asks);
    return bids === null || asks === null ? null : { bids, asks };
  }
}
