import type { Instrument } from "./exchanges/exchange.ts";

/** A base asset that a venue lists, with the names of its contracts there. */
export interface ListedSymbol {
  readonly symbol: string;
  readonly trading: readonly string[];
  /** Contracts that are listed and do not trade. */
  readonly halted: readonly string[];
}

/** The base assets of these contracts, in alphabetical order. */
export function listedSymbols(instruments: Iterable<Instrument>, symbols: ReadonlySet<string> | "*"): readonly ListedSymbol[] {
  const wanted = [...instruments].filter(({ symbol }) => symbols === "*" || symbols.has(symbol));
  return [...Map.groupBy(wanted, ({ symbol }) => symbol)]
    .map(([symbol, group]) => ({ symbol, trading: names(group, true), halted: names(group, false) }))
    .toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1));
}

function names(group: readonly Instrument[], trading: boolean): readonly string[] {
  return group.filter((one) => one.trading === trading).map(({ instrument }) => instrument);
}
