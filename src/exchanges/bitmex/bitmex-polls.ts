import { bookLevels } from "../decoding/book-levels.ts";
import { isObject, parseJson } from "../decoding/json.ts";
import { marketInstruments } from "../decoding/scope.ts";
import type { BookLevel, BookLevels, Endpoints, MarketPoll, Scope } from "../exchange.ts";

const BOOK_MS = 5_000;
/** Levels of each side. Those of Bitcoin are up to 2,150 ticks away at 25 bps, of which about a fifth have orders. */
const LEVELS = 500;
/** The venue allows an address 30 requests a minute, and two books take 24. */
const MAX_BOOKS = 2;

/**
 * Books of the first contracts. The stream has 25 levels, which end a few bps from the mid price, or the whole book at once.
 * https://www.bitmex.com/api/explorer/#!/OrderBook/OrderBook_getL2
 */
export function bitmexPolls(scope: Scope, { rest }: Endpoints): readonly MarketPoll[] {
  return marketInstruments(scope)
    .filter(({ contract }) => (contract.kind === "inverse" ? contract.usd : contract.size) !== null)
    .slice(0, MAX_BOOKS)
    .map(({ instrument }): MarketPoll => {
      return {
        what: "book",
        contracts: [instrument],
        url: `${rest}/api/v1/orderBook/L2?symbol=${instrument}&depth=${LEVELS}`,
        intervalMs: BOOK_MS,
        read: (text) => [{ kind: "book_text", instrument, text }],
      };
    });
}

/** Rows of both sides: `[{symbol, id, side, size, price}]`. */
export function readBitmexBook(text: string): BookLevels | null {
  const rows = parseJson(text);
  if (!Array.isArray(rows)) return null;
  const levels = (side: "Buy" | "Sell") =>
    rows.flatMap((row: unknown) => (isObject(row) && row.side === side ? [[row.price, row.size] as unknown as BookLevel] : []));
  return bookLevels(bestFirst(levels("Buy"), -1), bestFirst(levels("Sell"), 1));
}

function bestFirst(levels: readonly BookLevel[], sign: 1 | -1): readonly BookLevel[] {
  return levels.toSorted(([one], [other]) => sign * (Number(one) - Number(other)));
}
