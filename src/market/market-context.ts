import type { Exchange, Instrument, FeedMessage } from "../exchanges/exchange.ts";
import { flowUsd } from "../flow-usd.ts";
import { isDollar } from "../exchanges/decoding/valuation.ts";
import type { MarketFields, VenueLiquidation } from "../liquidation.ts";
import { InstrumentMarket, type MarketFault, type Timed } from "./instrument-market.ts";
import { knownMark, knownMarket, knownTouch } from "./known-market.ts";
import { MAX_MARKET_DISTANCE_MS } from "../lateness.ts";

/**
 * The markets of all instruments as seen by one socket session; it is discarded with the session. Pass it every message
 * in the order received; it ignores messages without market data.
 */
export class MarketContext {
  readonly #readBook: Exchange["readBook"];
  readonly #instruments: ReadonlyMap<string, Instrument>;
  readonly #markets = new Map<string, InstrumentMarket>();
  #faults = new Map<string, MarketFault>();
  readonly #brokenBooks = new Set<string>();

  constructor(readBook: Exchange["readBook"], instruments: ReadonlyMap<string, Instrument>) {
    this.#readBook = readBook;
    this.#instruments = instruments;
  }

  apply(message: FeedMessage, receivedTime: number): void {
    switch (message.kind) {
      case "mark": {
        const market = this.#market(message.instrument);
        market.mark = this.#price(message.instrument, message.price, receivedTime);
        if (market.mark !== null) market.volatility.add(message.price, receivedTime);
        return;
      }
      case "index":
        this.#market(message.instrument).index = this.#price(message.instrument, message.price, receivedTime);
        return;
      case "funding":
        this.#market(message.instrument).funding = Number.isFinite(message.rate) ? { value: message.rate, receivedTime } : null;
        return;
      case "funding_interval":
        this.#market(message.instrument).fundingInterval = timed(message.intervalMs, receivedTime);
        return;
      case "turnover":
        this.#market(message.instrument).turnover = timed(message.usd, receivedTime);
        return;
      case "open_interest":
        this.#market(message.instrument).openInterest = timed(message.quantity, receivedTime);
        return;
      case "quote": {
        const bid = this.#price(message.instrument, message.bid, receivedTime);
        const ask = this.#price(message.instrument, message.ask, receivedTime);
        const good = bid !== null && ask !== null && bid.value < ask.value;
        this.#market(message.instrument).quote = good ? { value: { bid: bid.value, ask: ask.value }, receivedTime } : null;
        return;
      }
      case "book": {
        const { fault, isKnown } = this.#market(message.instrument).updateBook(message, receivedTime);
        if (fault !== null) this.note(message.instrument, fault);
        if (isKnown) this.#brokenBooks.delete(message.instrument);
        else this.#brokenBooks.add(message.instrument);
        return;
      }
      case "book_text":
        this.#market(message.instrument).setBookText(message.text, receivedTime);
    }
  }

  market(instrument: string): InstrumentMarket | undefined {
    return this.#markets.get(instrument);
  }

  note(instrument: string, fault: MarketFault["fault"]): void {
    const key = `${instrument} ${fault}`;
    this.#faults.set(key, { instrument, fault, count: (this.#faults.get(key)?.count ?? 0) + 1 });
  }

  /** The faults since the last call, one entry per instrument and kind, for the log. */
  takeFaults(): readonly MarketFault[] {
    const faults = [...this.#faults.values()];
    if (faults.length > 0) this.#faults = new Map();
    return faults;
  }

  /** Instruments with a book that is unknown after a break in its sequence: only a new snapshot helps. */
  get brokenBooks(): ReadonlySet<string> {
    return this.#brokenBooks;
  }

  #market(instrument: string): InstrumentMarket {
    let market = this.#markets.get(instrument);
    if (market === undefined) {
      market = new InstrumentMarket(this.#readBook, this.#instruments.get(instrument));
      this.#markets.set(instrument, market);
    }
    return market;
  }

  /** An invalid price makes the value unknown rather than leaving the last one in place. */
  #price(instrument: string, price: number, receivedTime: number): Timed<number> | null {
    if (price > 0 && Number.isFinite(price)) return { value: price, receivedTime };
    this.note(instrument, "bad_price");
    return null;
  }
}

/** A value that is at least zero; null where it is no such number. */
function timed(value: number, receivedTime: number): Timed<number> | null {
  return Number.isFinite(value) && value >= 0 ? { value, receivedTime } : null;
}

/**
 * The market fields of a liquidation, from the live sessions of its venue. Binance has the mark price on one socket and
 * books on another, and during a planned roll-over two sessions deliver the same. The latest value wins; it is null
 * where it is absent, was received after the liquidation or is older than `FRESH_MS`. All fields are null for a
 * liquidation that arrived more than 10 s late.
 */
export function marketFields(contexts: readonly MarketContext[], liquidation: VenueLiquidation, receivedTime: number): MarketFields {
  const { instrument, quote, price, price_kind, quantity, usd_value, order_side } = liquidation;
  const known = knownMarket(isTimely(liquidation, receivedTime) ? contexts : [], instrument, receivedTime);
  const mark = known.mark?.value ?? null;
  const markUsd = isDollar(quote) ? mark : null;
  const touch = knownTouch(known);
  const bidDepth = known.deepBook?.value.bidDepthUsd ?? null;
  const askDepth = known.deepBook?.value.askDepthUsd ?? null;
  const notionalMark = markUsd === null || quantity === null ? null : quantity * markUsd;
  // A higher fill is worse for the closing buy of a short, a lower fill for the closing sell of a long.
  const worse = order_side === "buy" ? 1 : -1;
  return {
    notional_mark_usd: notionalMark,
    mark_price: mark,
    mark_age_ms: known.mark === null ? null : receivedTime - known.mark.receivedTime,
    index_price: known.index?.value ?? null,
    funding_rate: known.funding?.value ?? null,
    open_interest_usd: markUsd === null || known.openInterest === null ? null : known.openInterest.value * markUsd,
    best_bid: touch?.bid ?? null,
    best_ask: touch?.ask ?? null,
    book_age_ms: touch === null ? null : receivedTime - touch.receivedTime,
    spread_bps: touch === null ? null : (2e4 * (touch.ask - touch.bid)) / (touch.ask + touch.bid),
    // A price that is the mark price itself has no slippage.
    slippage_to_mark_bps: mark === null || price === null || price_kind === "mark" ? null : (worse * 1e4 * (price - mark)) / mark,
    depth_reach_bps: known.deepBook?.value.reachBps ?? null,
    bid_depth_usd: bidDepth,
    ask_depth_usd: askDepth,
    imbalance_ratio: imbalance(bidDepth, askDepth),
    depth_share: share(flowUsd({ notional_mark_usd: notionalMark, usd_value }), order_side === "sell" ? bidDepth : askDepth),
    volatility_5m: known.volatility,
  };
}

/**
 * Sets the price of a liquidation without one (Bitfinex's [11] is null, kind `mark`) to the mark price, if that is
 * fresh and the liquidation arrived at most 60 s late.
 */
export function withMarkPrice(liquidation: VenueLiquidation, contexts: readonly MarketContext[], receivedTime: number): VenueLiquidation {
  if (liquidation.price !== null || liquidation.price_kind !== "mark") return liquidation;
  if (!isTimely(liquidation, receivedTime)) return liquidation;
  const price = knownMark(contexts, liquidation.instrument, receivedTime)?.value ?? null;
  if (price === null) return liquidation;
  const { quote, quantity } = liquidation;
  return { ...liquidation, price, usd_value: isDollar(quote) && quantity !== null ? quantity * price : null };
}

function isTimely({ event_time }: VenueLiquidation, receivedTime: number): boolean {
  return Math.abs(receivedTime - event_time) <= MAX_MARKET_DISTANCE_MS;
}

/** (bid − ask) / (bid + ask) depth: Cont, Kukanov & Stoikov 2014, "The Price Impact of Order Book Events". */
function imbalance(bid: number | null, ask: number | null): number | null {
  return bid === null || ask === null || bid + ask === 0 ? null : (bid - ask) / (bid + ask);
}

function share(usd: number | null, depth: number | null): number | null {
  return usd === null || depth === null || depth < MIN_DEPTH_USD ? null : usd / depth;
}

/** Less is no depth that a share could be measured by. */
const MIN_DEPTH_USD = 0.01;
