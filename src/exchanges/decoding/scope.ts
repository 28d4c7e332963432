import type { Instrument, Scope } from "../exchange.ts";

/** If all symbols are collected, only these get market streams: the streams of every contract would be a flood. */
const MARKET_SYMBOLS: ReadonlySet<string> = new Set(["BTC", "ETH", "SOL"]);

export function inScope(scope: Scope, symbol: string): boolean {
  return scope.symbols === "*" || scope.symbols.has(symbol);
}

/** Trading instruments of the requested symbols. */
export function watchedInstruments(scope: Scope): readonly Instrument[] {
  return [...scope.instruments.values()].filter((instrument) => instrument.trading && inScope(scope, instrument.symbol));
}

/** Instruments with their own market streams. */
export function marketInstruments(scope: Scope): readonly Instrument[] {
  const watched = watchedInstruments(scope);
  return scope.symbols === "*" ? watched.filter((instrument) => MARKET_SYMBOLS.has(instrument.symbol)) : watched;
}

/** The instrument with the most trades of these, of BTC before ETH and SOL; null where there is none of them. */
export function busiest(instruments: readonly Instrument[]): Instrument | null {
  const ranked = [...MARKET_SYMBOLS].map((symbol) => instruments.find((one) => one.symbol === symbol));
  return ranked.find((one) => one !== undefined) ?? null;
}

/** Finds an instrument by the venue's name: in the table, or from the name itself, which is parsed once per name. */
export function instrumentLookup(scope: Scope, named: (name: string) => Instrument): (name: string) => Instrument {
  return (name) => scope.instruments.get(name) ?? named(name);
}

/** Splits a list into parts of at most `size`. */
export function inRunsOf<Item>(size: number, items: readonly Item[]): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, run) => items.slice(run * size, (run + 1) * size));
}
