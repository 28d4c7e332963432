import { areMarkAndIndex, isNear } from "../exchanges/bounds.ts";
import type { BookDepth } from "./book-depth.ts";
import type { InstrumentMarket, MarketFault, Timed } from "./instrument-market.ts";

/** Maximum age of a value: an older one is unknown. */
const OLDEST_VALUE_MS = 10_000;

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
  readonly quote: Timed<{ readonly bid: number; readonly ask: number }> | null;
  readonly book: Timed<BookDepth> | null;
  readonly volatility: number | null;
}

/**
 * The latest value over all sessions, unless it was received after `receivedTime` or is older than 10 s. Prices that
 * cannot be of one market are unknown: of a mark and an index price that differ by a factor of 100 neither is known to
 * be right, and a quote or book must be near the mark price.
 */
export function knownMarket(contexts: readonly MarketSession[], instrument: string, receivedTime: number): KnownMarket {
  const { mark, index } = knownPrices(contexts, instrument, receivedTime);
  const quote = latest(contexts, instrument, receivedTime, (market) => market.quote);
  const book = latest(contexts, instrument, receivedTime, (market, context) =>
    market.book(() => context.note(instrument, "book_unusable")),
  );
  return {
    mark,
    index,
    funding: latest(contexts, instrument, receivedTime, (market) => market.funding),
    openInterest: latest(contexts, instrument, receivedTime, (market) => market.openInterest),
    quote: quote !== null && areNear(mark, quote.value.bid, quote.value.ask) ? quote : null,
    book: book !== null && areNear(mark, book.value.bestBid, book.value.bestAsk) ? book : null,
    volatility: mark === null ? null : knownVolatility(contexts, instrument, receivedTime),
  };
}

/** The mark price, unless it contradicts the index price. */
export function knownMark(contexts: readonly MarketSession[], instrument: string, receivedTime: number): Timed<number> | null {
  return knownPrices(contexts, instrument, receivedTime).mark;
}

function knownPrices(contexts: readonly MarketSession[], instrument: string, receivedTime: number): Pick<KnownMarket, "mark" | "index"> {
  const mark = latest(contexts, instrument, receivedTime, (market) => market.mark);
  const index = latest(contexts, instrument, receivedTime, (market) => market.index);
  const agree = mark === null || index === null || areMarkAndIndex(mark.value, index.value);
  return agree ? { mark, index } : { mark: null, index: null };
}

function areNear(mark: Timed<number> | null, bid: number, ask: number): boolean {
  return mark === null || (isNear(bid, mark.value) && isNear(ask, mark.value));
}

/** @param read the value to look for in one session's market */
function latest<T>(
  contexts: readonly MarketSession[],
  instrument: string,
  receivedTime: number,
  read: (market: InstrumentMarket, context: MarketSession) => Timed<T> | null,
): Timed<T> | null {
  let found: Timed<T> | null = null;
  for (const context of contexts) {
    const market = context.market(instrument);
    const timed = market === undefined ? null : read(market, context);
    const age = timed === null ? Number.NaN : receivedTime - timed.receivedTime;
    if (timed === null || !(age >= 0 && age <= OLDEST_VALUE_MS)) continue;
    if (found === null || timed.receivedTime > found.receivedTime) found = timed;
  }
  return found;
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
