import type { Instrument, Reading } from "./exchange.ts";
import { type JsonObject, isObject } from "./json.ts";
import { readNumber, readPositive } from "./number.ts";

/**
 * Bybit's `tickers` stream: a snapshot, then deltas in which a missing field has not changed. A frame thus confirms
 * all values held, and each frame gives them all.
 * https://bybit-exchange.github.io/docs/v5/websocket/public/ticker
 */
export class BybitTickers {
  readonly #instrumentOf: (name: string) => Instrument;
  readonly #held = new Map<string, HeldTicker>();

  constructor(instrumentOf: (name: string) => Instrument) {
    this.#instrumentOf = instrumentOf;
  }

  read(frame: JsonObject, text: string, receivedTime: number): readonly Reading[] {
    const { data } = frame;
    if (!isObject(data) || typeof data.symbol !== "string" || data.symbol === "") {
      return [{ kind: "reject", reason: "malformed ticker", text }];
    }
    const before = frame.type === "snapshot" ? NOTHING_HELD : (this.#held.get(data.symbol) ?? NOTHING_HELD);
    const held = merge(before, data);
    this.#held.set(data.symbol, held);
    return readingsOf(held, this.#instrumentOf(data.symbol), readNumber(frame.ts) ?? receivedTime);
  }
}

/** In the venue's units; null is not known yet, or sent empty. */
interface HeldTicker {
  readonly mark: number | null;
  readonly index: number | null;
  readonly funding: number | null;
  readonly openInterest: number | null;
  readonly bid: number | null;
  readonly ask: number | null;
}

const NOTHING_HELD: HeldTicker = { mark: null, index: null, funding: null, openInterest: null, bid: null, ask: null };

function merge(held: HeldTicker, data: JsonObject): HeldTicker {
  return {
    mark: data.markPrice === undefined ? held.mark : readPositive(data.markPrice),
    index: data.indexPrice === undefined ? held.index : readPositive(data.indexPrice),
    funding: data.fundingRate === undefined ? held.funding : readNumber(data.fundingRate),
    openInterest: data.openInterest === undefined ? held.openInterest : readNumber(data.openInterest),
    bid: data.bid1Price === undefined ? held.bid : readPositive(data.bid1Price),
    ask: data.ask1Price === undefined ? held.ask : readPositive(data.ask1Price),
  };
}

function readingsOf(held: HeldTicker, { instrument, scale }: Instrument, time: number): readonly Reading[] {
  const readings: Reading[] = [];
  if (held.mark !== null) readings.push({ kind: "mark", instrument, price: held.mark / scale, time });
  if (held.index !== null) readings.push({ kind: "index", instrument, price: held.index / scale });
  if (held.funding !== null) readings.push({ kind: "funding", instrument, rate: held.funding });
  if (held.openInterest !== null) readings.push({ kind: "open_interest", instrument, quantity: held.openInterest * scale });
  if (held.bid !== null && held.ask !== null) readings.push({ kind: "quote", instrument, bid: held.bid / scale, ask: held.ask / scale });
  return readings;
}
