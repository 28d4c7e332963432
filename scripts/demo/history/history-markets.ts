import type { BookLevel, Instrument } from "../../../src/exchanges/exchange.ts";
import type { MarketFields, VenueLiquidation } from "../../../src/liquidation.ts";
import { MarketContext, marketFields } from "../../../src/market/market-context.ts";
import { assetOf } from "../../simulator/assets.ts";
import type { Quote } from "../../simulator/market.ts";
import { createRandom, type Random } from "../../simulator/random.ts";
import { type PlayedMarket, STEP_MS } from "./play-market.ts";

/** Levels of a side, their distance and typical size: as far as depth is measured, and about as deep as the venues' books. */
const BOOK = { levels: 8, spacingBps: 4, levelUsd: 300_000 } as const;
const BPS = 1e4;

/**
 * The market fields of the liquidations of a history, computed as a feed computes them. All venues of a base asset share one
 * market.
 */
export class HistoryMarkets {
  readonly #market: PlayedMarket;
  readonly #context: MarketContext;
  readonly #random: Random;
  #step = 0;

  constructor(market: PlayedMarket, seed: number) {
    this.#market = market;
    const instruments = new Map([...market.marks.keys()].map((symbol) => [symbol, instrumentOf(symbol)]));
    this.#context = new MarketContext(undefined, instruments);
    this.#random = createRandom(seed, "books");
  }

  /** The market at the receipt of a liquidation. Receipts come in order. */
  fieldsOf(liquidation: VenueLiquidation, quote: Quote, receivedTime: number): MarketFields {
    this.#advance(receivedTime);
    const instrument = liquidation.symbol;
    this.#context.apply({ kind: "index", instrument, price: quote.index }, receivedTime);
    this.#context.apply({ kind: "funding", instrument, rate: quote.fundingRate }, receivedTime);
    this.#context.apply({ kind: "open_interest", instrument, quantity: quote.openInterest }, receivedTime);
    const [bids, asks] = this.#book(instrument, quote.mark);
    this.#context.apply({ kind: "book", instrument, action: "snapshot", bids, asks, sequence: null }, receivedTime);
    return marketFields([this.#context], { ...liquidation, instrument }, receivedTime);
  }

  #advance(time: number): void {
    const { startTime, marks } = this.#market;
    for (; startTime + (this.#step + 1) * STEP_MS <= time; this.#step += 1) {
      const markTime = startTime + (this.#step + 1) * STEP_MS;
      for (const [instrument, path] of marks) {
        const price = path[this.#step];
        if (price !== undefined) this.#context.apply({ kind: "mark", instrument, price, time: markTime }, markTime);
      }
    }
  }

  #book(symbol: string, mid: number): readonly [bids: readonly BookLevel[], asks: readonly BookLevel[]] {
    const { tick } = assetOf(symbol);
    const side = (away: 1 | -1): readonly BookLevel[] =>
      Array.from({ length: BOOK.levels }, (_, level) => {
        const price = mid * (1 + (away * level * BOOK.spacingBps) / BPS) + (away * tick) / 2;
        return [price, (BOOK.levelUsd / mid) * Math.exp(0.6 * this.#random.normal())];
      });
    return [side(-1), side(1)];
  }
}

function instrumentOf(symbol: string): Instrument {
  return { instrument: symbol, symbol, quote: "USDT", scale: 1, contract: { kind: "base", size: 1 }, trading: true };
}
