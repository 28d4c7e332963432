import { areMarkAndIndex, isNear } from "../exchanges/bounds.ts";
import { type BookDepth, DEPTH_BPS } from "./book-depth.ts";
import { FRESH_MS } from "./freshness.ts";
import type { InstrumentMarket, MarketFault, Timed } from "./instrument-market.ts";

/** The part of a session's context that is read here. */
export interface MarketSession {
  market(instrument: string): InstrumentMarket | undefined;
  note(instrument: string, fault: MarketFault["fault"]): void;
}

export interface KnownMarket {
  readonly mark: Timed<number> | null;
  readonly index: Timed<number> | null;
  readonly funding: Timed<number> | null;
  readonly openInterest: Timed<number> | null;
  /** USD of the last 24 hours. */
  readonly turnover: Timed<number> | null;
  /** ms */
  readonly fundingInterval: Timed<number> | null;
  readonly quote: Timed<{ readonly bid: number; readonly ask: number }> | null;
  readonly book: Timed<BookDepth> | null;
  /** The book whose depth counts: the latest one that reaches far enough, or else the one that reaches farthest. */
  readonly deepBook: Timed<BookDepth> | null;
  readonly volatility: number | null;
}

/**
 * The latest value over all sessions, unless it was received after `receivedTime` or is older than its kind may be
 * (`FRESH_MS`). Prices that cannot be of one market are unknown: of a mark and an index price that differ by a factor of
 * 100 neither is known to be right, and a quote or book must be near the mark price.
 */
export function knownMarket(contexts: readonly MarketSession[], instrument: string, receivedTime: number): KnownMarket {
  const { mark, index } = knownPrices(contexts, instrument, receivedTime);
  const find = finder(contexts, instrument, receivedTime);
  const quote = find(FRESH_MS.price, (market) => market.quote);
  const booksFrom = (leastBps: number) =>
    find(FRESH_MS.book, (market, context) => {
      const book = market.book(() => context.note(instrument, "book_unusable"));
      const isNearMark = book !== null && areNear(mark, book.value.bestBid, book.value.bestAsk);
      return isNearMark && book.value.reachBps >= leastBps ? book : null;
    });
  const book = booksFrom(0);
  return {
    mark,
    index,
    funding: find(FRESH_MS.funding, (market) => market.funding),
    openInterest: find(FRESH_MS.openInterest, (market) => market.openInterest),
    turnover: find(FRESH_MS.turnover, (market) => market.turnover),
    fundingInterval: find(FRESH_MS.fundingInterval, (market) => market.fundingInterval),
    quote: quote !== null && areNear(mark, quote.value.bid, quote.value.ask) ? quote : null,
    book,
    deepBook: book === null || book.value.reachBps >= DEPTH_BPS ? book : (booksFrom(DEPTH_BPS) ?? farthest(booksFrom, book)),
    volatility: mark === null ? null : knownVolatility(contexts, instrument, receivedTime),
  };
}

/** The book that reaches farthest, from any book: each step finds one that reaches farther than the last. */
function farthest(booksFrom: (leastBps: number) => Timed<BookDepth> | null, any: Timed<BookDepth>): Timed<BookDepth> {
  const farther = booksFrom(any.value.reachBps * (1 + Number.EPSILON));
  return farther === null || farther.value.reachBps <= any.value.reachBps ? any : farthest(booksFrom, farther);
}

/** The mark price, unless it contradicts the index price. */
export function knownMark(contexts: readonly MarketSession[], instrument: string, receivedTime: number): Timed<number> | null {
  return knownPrices(contexts, instrument, receivedTime).mark;
}

function knownPrices(contexts: readonly MarketSession[], instrument: string, receivedTime: number): Pick<KnownMarket, "mark" | "index"> {
  const find = finder(contexts, instrument, receivedTime);
  const mark = find(FRESH_MS.price, (market) => market.mark);
  const index = find(FRESH_MS.index, (market) => market.index);
  const agree = mark === null || index === null || areMarkAndIndex(mark.value, index.value);
  return agree ? { mark, index } : { mark: null, index: null };
}

function areNear(mark: Timed<number> | null, bid: number, ask: number): boolean {
  return mark === null || (isNear(bid, mark.value) && isNear(ask, mark.value));
}

type Find = <T>(
  freshMs: number,
  /** The value to look for in one session's market. */
  read: (market: InstrumentMarket, context: MarketSession) => Timed<T> | null,
) => Timed<T> | null;

/** Finds the latest value that is fresh at `receivedTime`. */
export function finder(contexts: readonly MarketSession[], instrument: string, receivedTime: number): Find {
  return (freshMs, read) => {
    let found: ReturnType<typeof read> = null;
    for (const context of contexts) {
      const market = context.market(instrument);
      const timed = market === undefined ? null : read(market, context);
      const age = timed === null ? Number.NaN : receivedTime - timed.receivedTime;
      if (timed === null || !(age >= 0 && age <= freshMs)) continue;
      if (found === null || timed.receivedTime > found.receivedTime) found = timed;
    }
    return found;
  };
}

/** The first session with enough returns: after a roll-over only the old session has them for a minute. */
function knownVolatility(contexts: readonly MarketSession[], instrument: string, receivedTime: number): number | null {
  for (const context of contexts) {
    const volatility = context.market(instrument)?.volatility.at(receivedTime) ?? null;
    if (volatility !== null) return volatility;
  }
  return null;
}

interface Touch {
  readonly bid: number;
  readonly ask: number;
  readonly receivedTime: number;
}

/** Best bid and ask from the quote or the book, whichever was received last. */
export function knownTouch({ quote, book }: KnownMarket): Touch | null {
  if (quote !== null && (book === null || quote.receivedTime >= book.receivedTime)) {
    return { bid: quote.value.bid, ask: quote.value.ask, receivedTime: quote.receivedTime };
  }
  return book === null ? null : { bid: book.value.bestBid, ask: book.value.bestAsk, receivedTime: book.receivedTime };
}
