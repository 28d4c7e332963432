import type { Inferrer, Instrument } from "../../../../../src/exchanges/exchange.ts";
import { kucoin } from "../../../../../src/exchanges/kucoin/kucoin.ts";
import { createKucoinInferrer } from "../../../../../src/exchanges/kucoin/inferred/kucoin-inferrer.ts";
import type { Trade } from "../../../../../src/exchanges/kucoin/inferred/sweep.ts";
import type { VenueLiquidation } from "../../../../../src/liquidation.ts";

/** The moment of the first publication in a script, ms. */
export const T0 = 1_795_000_000_000;

const TABLE = new Map(kucoin.fallbackInstruments.map((instrument) => [instrument.instrument, instrument]));

/** An inferrer that gets messages of XBTUSDTM by hand; times are ms after `T0`. */
export class FlowScript {
  readonly inferrer: Inferrer;
  readonly found: VenueLiquidation[] = [];
  #trades = 0;

  constructor(instruments: ReadonlyMap<string, Instrument> = TABLE) {
    this.inferrer = createKucoinInferrer((name) => instruments.get(name));
  }

  /** Open interest in BTC. */
  openInterest(at: number, quantity: number, instrument = "XBTUSDTM"): this {
    this.found.push(...this.inferrer.observe({ kind: "open_interest", instrument, quantity }, T0 + at));
    return this;
  }

  /** Published every second from `from` up to and including `to`. */
  openInterestFlow(from: number, to: number, quantity: number): this {
    for (let at = from; at <= to; at += 1000) this.openInterest(at, quantity);
    return this;
  }

  fill(at: number, takerOrderId: string, price: number, quantity: number, changes: Partial<Trade> = {}): this {
    this.#trades += 1;
    const trade: Trade = {
      kind: "trade",
      instrument: "XBTUSDTM",
      side: "sell",
      price,
      quantity,
      takerOrderId,
      tradeId: String(this.#trades),
      time: T0 + at,
      ...changes,
    };
    this.found.push(...this.inferrer.observe(trade, T0 + at));
    return this;
  }

  /** A taker order over four levels, 0.25 of its quantity on each. */
  sweep(at: number, takerOrderId: string, quantity: number, changes: Partial<Trade> = {}): this {
    for (const price of [80_000, 79_990, 79_980, 79_970]) this.fill(at, takerOrderId, price, quantity / 4, changes);
    return this;
  }

  get ids(): string[] {
    return this.found.map((liquidation) => liquidation.event_id.replace("kucoin:XBTUSDTM:inferred:", ""));
  }
}
