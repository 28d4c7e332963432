import type { StreamFilter } from "./filter.ts";
import type { Hello, MatchedContracts, Snapshot, StreamVenue, SymbolTotals } from "./frames.ts";
import { BEAT_MS } from "./limits.ts";
import type { StreamPicture } from "./relay-protocol.ts";
import type { Resumed } from "./resume.ts";

/** More contracts than this are counted, not listed. */
const MAX_CONTRACTS = 500;

interface Greeting {
  readonly filter: StreamFilter;
  readonly resumed: Resumed;
  readonly replay: boolean;
  /** Place in the stream after which frames follow; null where stored events come first. */
  readonly id: string | null;
  readonly time: number;
  /** What will not come for other reasons than the filter's. */
  readonly notices?: readonly string[];
}

/** The first frame: what was understood, and what will and will not come. */
export function helloFrame(picture: StreamPicture, { filter, resumed, replay, id, time, notices = [] }: Greeting): Hello {
  const matched = matchedContracts(picture, filter);
  const contracts = matched?.reduce((sum, { instruments }) => sum + instruments.length, 0) ?? null;
  return {
    type: "hello",
    id,
    time,
    filter,
    resumed,
    replay,
    venues: wantedVenues(picture, filter),
    instruments: matched === null ? null : firstContracts(matched),
    instruments_count: contracts,
    notices: [...filterNotices(picture, filter), ...notices],
    beat_ms: BEAT_MS,
  };
}

/** What holds now, of what the filter asks for. */
export function snapshotFrame(picture: StreamPicture, filter: StreamFilter): Snapshot {
  return {
    type: "snapshot",
    time: picture.time,
    through: picture.through,
    cascades: picture.cascades.filter(
      ({ symbol, position_side: side }) => isWanted(symbol, filter) && (filter.side === null || filter.side === side),
    ),
    totals: wantedTotals(picture.totals, filter),
    venues: wantedVenues(picture, filter),
  };
}

export function wantedTotals(totals: readonly SymbolTotals[], filter: StreamFilter): readonly SymbolTotals[] {
  return totals.filter(({ symbol }) => isWanted(symbol, filter));
}

function isWanted(symbol: string, { symbols }: StreamFilter): boolean {
  return symbols?.includes(symbol) ?? true;
}

function matches({ exchange, symbol }: MatchedContracts, filter: StreamFilter): boolean {
  return isWanted(symbol, filter) && (filter.exchanges?.includes(exchange) ?? true);
}

function firstContracts(matched: readonly MatchedContracts[]): readonly MatchedContracts[] {
  let count = 0;
  return matched.filter(({ instruments }) => {
    count += instruments.length;
    return count <= MAX_CONTRACTS;
  });
}

/** What of the filter will not come, in sentences. */
export function filterNotices(picture: StreamPicture, filter: StreamFilter): readonly string[] {
  const matched = matchedContracts(picture, filter);
  const missing = matched === null ? [] : (filter.symbols ?? []).filter((name) => !matched.some(({ symbol }) => symbol === name));
  return [
    ...(filter.channels.includes("liquidation") ? venueNotices(picture, filter) : []),
    ...missing.map((symbol) => `No venue of the filter lists a trading contract of ${symbol}.`),
  ];
}

/** Base assets of which no venue lists a contract; none while a venue that liquidations can come from has not reported its contracts. */
export function unlistedSymbols({ contracts, venues }: StreamPicture, symbols: readonly string[]): readonly string[] {
  const reported = new Set(contracts?.map(({ exchange }) => exchange));
  const isKnown = venues.every(({ exchange, coverage, inferred }) => reported.has(exchange) || (coverage === "none" && !inferred));
  return isKnown ? symbols.filter((name) => !contracts?.some(({ symbol }) => symbol === name)) : [];
}

function matchedContracts(picture: StreamPicture, filter: StreamFilter): readonly MatchedContracts[] | null {
  return picture.contracts?.filter((one) => matches(one, filter)) ?? null;
}

function venueNotices(picture: StreamPicture, filter: StreamFilter): readonly string[] {
  return wantedVenues(picture, filter).flatMap(({ exchange, state, since, coverage, inferred }) => {
    if (coverage === "none" && !inferred) return [`${exchange} publishes no liquidations.`];
    if (inferred && !filter.inferred) return [`Liquidations of ${exchange} are inferred, and come only with include=inferred.`];
    if (state === null) return [`The feed of ${exchange} has not reported yet.`];
    if (state === "live") return [];
    return [`The feed of ${exchange} is ${state} since ${new Date(since ?? 0).toISOString()}: its liquidations may not come.`];
  });
}

function wantedVenues({ venues }: StreamPicture, filter: StreamFilter): readonly StreamVenue[] {
  return venues.filter(({ exchange }) => filter.exchanges?.includes(exchange) ?? true);
}
