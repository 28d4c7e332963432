import type { FeedMessage } from "../exchange.ts";
import { bookLevels, scanLevels } from "../decoding/book-levels.ts";
import { type JsonObject, isObject } from "../decoding/json.ts";
import { readNumber } from "../decoding/number.ts";
import { TextScanner } from "../decoding/text-scanner.ts";

/**
 * The topics of a book, before the name of the contract. 200 levels come every 100 ms, 1,000 every 200 ms, where 50 would come
 * every 20 ms; recordings of 50 levels exist.
 */
export const BOOK = "orderbook.200";
export const DEEP_BOOK = "orderbook.1000";
const FORMER_BOOK = "orderbook.50";
const BOOKS = [BOOK, DEEP_BOOK, FORMER_BOOK].map((topic) => `${topic}.`);

/** Of any depth that this adapter subscribes to, or did. */
export function isBook(topic: string): boolean {
  return BOOKS.some((book) => topic.startsWith(book));
}

/** A snapshot replaces the book, and so does `u` 1 after a restart of the venue. */
export function readBook(frame: JsonObject, text: string): FeedMessage {
  const { data, type } = frame;
  const levels = isObject(data) ? bookLevels(data.b, data.a) : null;
  if (!isObject(data) || levels === null || typeof data.s !== "string" || (type !== "snapshot" && type !== "delta")) {
    return { kind: "reject", reason: "malformed order book", text };
  }
  const sequence = readNumber(data.u);
  const action = type === "snapshot" || sequence === 1 ? "snapshot" : "delta";
  return { kind: "book", instrument: data.s, action, bids: levels.bids, asks: levels.asks, sequence };
}

/**
 * Reads books in the spelling of every captured frame without parsing them; null for every other frame, which goes to the parser.
 * The levels are numbers, where the parser leaves them in the venue's spelling.
 */
export class UsualBooks {
  readonly #scanner = new TextScanner();

  read(text: string): FeedMessage | null {
    const scanner = this.#scanner;
    scanner.begin(text);
    if (!scanner.skipText('{"topic":"') || !BOOKS.some((book) => scanner.skipText(book)) || scanner.name() === "") return null;
    const isSnapshot = scanner.skipText('","type":"snapshot","ts":');
    if (!isSnapshot && !scanner.skipText('","type":"delta","ts":')) return null;
    if (!scanner.skipWhole() || !scanner.skipText(',"data":{"s":"')) return null;
    const instrument = scanner.name();
    const bids = scanner.skipText('","b":') ? scanLevels(scanner) : null;
    const asks = scanner.skipText(',"a":') ? scanLevels(scanner) : null;
    if (bids === null || asks === null || !scanner.skipText(',"u":')) return null;
    const sequence = scanner.number();
    if (Number.isNaN(sequence) || !this.#ends()) return null;
    return { kind: "book", instrument, action: isSnapshot || sequence === 1 ? "snapshot" : "delta", bids, asks, sequence };
  }

  /** The rest of the frame, whose numbers nobody needs; recordings from before 2024 lack the last of them. */
  #ends(): boolean {
    const scanner = this.#scanner;
    if (!scanner.skipText(',"seq":') || !scanner.skipWhole() || !scanner.skip(CLOSE)) return false;
    if (scanner.skipText(',"cts":') && !scanner.skipWhole()) return false;
    return scanner.skip(CLOSE) && scanner.isAtEnd();
  }
}

const CLOSE = 125;
