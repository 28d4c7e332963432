import type { Instrument, Scope } from "../exchange.ts";

/** Where all symbols are collected, market streams are opened for these only: those of every contract are a flood. */
const MARKET_SYMBOLS: ReadonlySet<string> = new Set(["BTC", "ETH", "SOL"]);

export function inScope(scope: Scope, symbol: string): boolean {
  return scope.symbols === "*" || scope.symbols.has(symbol);
}

/** Traded instruments of the symbols asked for. */
export function watchedInstruments(scope: Scope): readonly Instrument[] {
  return [...scope.instruments.values()].filter((instrument) => instrument.trading && inScope(scope, instrument.symbol));
}

/** Those of them that get market streams of their own. */
export function marketInstruments(scope: Scope): readonly Instrument[] {
  const watched = watchedInstruments(scope);
  return scope.symbols === "*" ? watched.filter((instrument) => MARKET_SYMBOLS.has(instrument.symbol)) : watched;
}

/**
 * Finds an instrument by the venue's name: in the table, or else by what the name itself says. Names outside the table are
 * not remembered, since a venue may send any number of them.
 */
export function instrumentLookup(scope: Scope, named: (name: string) => Instrument): (name: string) => Instrument {
  return (name) => scope.instruments.get(name) ?? named(name);
}

/** The list in runs of at most `size`. */
export function inRunsOf<Item>(size: number, items: readonly Item[]): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, run) => items.slice(run * size, (run + 1) * size));
}
