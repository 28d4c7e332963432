import type { BookLevel, BookLevels } from "../exchange.ts";
import type { TextScanner } from "./text-scanner.ts";

/** Both sides of a book as sent by the venue, checked but not copied; null where either is not a list of levels. */
export function bookLevels(bids: unknown, asks: unknown): BookLevels | null {
  return isLevels(bids) && isLevels(asks) ? { bids, asks } : null;
}

/** Rows may be longer than price and size (OKX has two more columns). */
function isLevels(rows: unknown): rows is readonly BookLevel[] {
  if (!Array.isArray(rows)) return false;
  for (const row of rows) {
    if (!Array.isArray(row) || !isAmount(row[0]) || !isAmount(row[1])) return false;
  }
  return true;
}

function isAmount(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number";
}

/**
 * One side of a book, read without parsing the frame: rows of a price and a size as quoted numbers. Rows may have more columns
 * of whole numbers, which are passed over. Null for anything else, of which a part may have been read.
 */
export function scanLevels(scanner: TextScanner): readonly BookLevel[] | null {
  if (!scanner.skip(OPEN)) return null;
  const levels: BookLevel[] = [];
  if (scanner.skip(CLOSE)) return levels;
  do {
    if (!scanner.skip(OPEN)) return null;
    const price = scanner.quotedNumber();
    if (!scanner.skip(COMMA)) return null;
    const size = scanner.quotedNumber();
    while (scanner.skip(COMMA)) if (!scanner.skip(QUOTE) || !scanner.skipWhole() || !scanner.skip(QUOTE)) return null;
    // Where one of them was no number, their sum is none.
    if (Number.isNaN(price + size) || !scanner.skip(CLOSE)) return null;
    levels.push([price, size]);
  } while (scanner.skip(COMMA));
  return scanner.skip(CLOSE) ? levels : null;
}

const [QUOTE, COMMA, OPEN, CLOSE] = [34, 44, 91, 93];
