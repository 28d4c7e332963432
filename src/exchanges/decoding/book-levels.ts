import type { BookLevel, BookLevels } from "../exchange.ts";

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
