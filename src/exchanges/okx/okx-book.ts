import type { FeedMessage } from "../exchange.ts";
import { bookLevels, scanLevels } from "../decoding/book-levels.ts";
import { isObject } from "../decoding/json.ts";
import { readNumber } from "../decoding/number.ts";
import { TextScanner } from "../decoding/text-scanner.ts";

/**
 * 400 levels, a snapshot and then changes every 100 ms. Each names the number of the one before, which shows a gap; the
 * `checksum` beside it is 0 in every frame of 2026.
 */
export const BOOK = "books";

export function readBookUpdate(instrument: unknown, action: unknown, row: unknown, text: string): FeedMessage {
  const levels = isObject(row) ? bookLevels(row.bids, row.asks) : null;
  if (!isObject(row) || levels === null || typeof instrument !== "string" || (action !== "snapshot" && action !== "update")) {
    return { kind: "reject", reason: "malformed book", text };
  }
  const previous = action === "update" ? readNumber(row.prevSeqId) : null;
  return {
    kind: "book",
    instrument,
    action: action === "snapshot" ? "snapshot" : "delta",
    ...levels,
    sequence: readNumber(row.seqId),
    ...(previous !== null && { previousSequence: previous }),
  };
}

/**
 * Reads changes of the book in their captured spelling without parsing them; null for every other frame, which goes to the parser.
 * The levels are numbers, where the parser leaves them in the venue's spelling.
 */
export class UsualBookUpdates {
  readonly #scanner = new TextScanner();

  read(text: string): FeedMessage | null {
    const scanner = this.#scanner;
    scanner.begin(text);
    if (!scanner.skipText(HEAD)) return null;
    const instrument = scanner.name();
    const asks = scanner.skipText('"},"action":"update","data":[{"asks":') ? scanLevels(scanner) : null;
    const bids = scanner.skipText(',"bids":') ? scanLevels(scanner) : null;
    if (asks === null || bids === null || !scanner.skipText(',"ts":"') || !scanner.skipWhole() || !scanner.skip(QUOTE)) return null;
    if (scanner.skipText(',"checksum":') && Number.isNaN(scanner.number())) return null;
    const numbers = this.#numbers();
    if (numbers === null || !scanner.skipText("}]}") || !scanner.isAtEnd()) return null;
    return { kind: "book", instrument, action: "delta", bids, asks, sequence: numbers.sequence, previousSequence: numbers.previous };
  }

  /** The documentation and recordings differ in which comes first. */
  #numbers(): { readonly sequence: number; readonly previous: number } | null {
    const scanner = this.#scanner;
    const isPreviousFirst = scanner.skipText(PREVIOUS);
    const first = isPreviousFirst || scanner.skipText(SEQUENCE) ? scanner.number() : Number.NaN;
    const second = scanner.skipText(isPreviousFirst ? SEQUENCE : PREVIOUS) ? scanner.number() : Number.NaN;
    if (Number.isNaN(first + second)) return null;
    return isPreviousFirst ? { sequence: second, previous: first } : { sequence: first, previous: second };
  }
}

const HEAD = `{"arg":{"channel":"${BOOK}","instId":"`;
const SEQUENCE = ',"seqId":';
const PREVIOUS = ',"prevSeqId":';
const QUOTE = 34;
