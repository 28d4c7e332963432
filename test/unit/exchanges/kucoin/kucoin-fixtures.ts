import type { Instrument, FeedMessage, Scope } from "../../../../src/exchanges/exchange.ts";
import { kucoin } from "../../../../src/exchanges/kucoin/kucoin.ts";

export const ENDPOINTS = { ws: "http://127.0.0.1:1/uta", rest: "http://127.0.0.1:1" };
export const NOW = 1_795_000_000_500;

export const INVERSE: Instrument = {
  instrument: "XBTUSDM",
  symbol: "BTC",
  quote: "USD",
  scale: 1,
  contract: { kind: "inverse", usd: 1 },
  trading: true,
};
export const THOUSAND_BONK: Instrument = {
  instrument: "1000BONKUSDTM",
  symbol: "BONK",
  quote: "USDT",
  scale: 1000,
  contract: { kind: "base", size: 10 },
  trading: true,
};

export function scopeOf(symbols: Scope["symbols"], extra: readonly Instrument[] = []): Scope {
  const all = [...kucoin.fallbackInstruments, ...extra];
  return { symbols, instruments: new Map(all.map((instrument) => [instrument.instrument, instrument])) };
}

/** Of BTC, ETH and BONK, with an inverse contract and one of a thousand coins. */
export const SCOPE = scopeOf(new Set(["BTC", "ETH", "BONK"]), [INVERSE, THOUSAND_BONK]);

/** One frame through a decoder of its own. */
export function read(frame: unknown): readonly FeedMessage[] {
  return kucoin.createDecoder(SCOPE).decode(typeof frame === "string" ? frame : JSON.stringify(frame), NOW);
}
