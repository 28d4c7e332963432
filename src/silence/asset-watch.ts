import type { ExchangeName } from "../liquidation.ts";
import { DAY_MS } from "../windows/calendar.ts";
import { ASSET_ACTIVITY_MINUTES, assetMarket, assetMinute } from "./asset-minutes.ts";
import { type FittedVenue, judgedAssets } from "./fitted-venue.ts";
import { type Silence, changeOf, judgeMinute } from "./judge-minute.ts";
import type { AssetCounts, MinuteCounts } from "./minute-counts.ts";

/** Base assets of which liquidations are counted: those with the most, over all venues. */
export const MAX_ASSETS = 8;

/** A feed's base assets at the end of a minute. */
export interface ObservedAssets {
  readonly exchange: ExchangeName;
  /**
   * Number of liquidations of each that the stream has delivered in all: an asset that is absent has none, and one of null is no longer
   * listed. Null where the feed did not respond.
   */
  readonly deliveredSymbols: Readonly<Record<string, number | null>> | null;
}

/** What a run leaves to the next one. */
export interface AssetState {
  readonly tracked: readonly string[];
  readonly delivered: Partial<Record<ExchangeName, Readonly<Record<string, number>>>>;
  readonly silences: Partial<Record<ExchangeName, Readonly<Record<string, Silence>>>>;
}

export interface AssetChange {
  /** `unlisted`: the venue no longer lists the asset, which ends a suspect silence. */
  readonly kind: "suspect" | "cleared" | "unlisted";
  readonly exchange: ExchangeName;
  readonly symbol: string;
  readonly silence: Silence;
}

const NO_ASSETS: AssetState = { tracked: [], delivered: {}, silences: {} };

/**
 * The assets to count from this minute on. They are chosen once a day, since one that is not counted all the time has no model, and only
 * where all feeds responded: without a venue the order is another. One that is suspect stays, or nobody would see its end.
 */
function trackedAssets({ tracked, silences }: AssetState, feeds: readonly ObservedAssets[], now: number): readonly string[] {
  const isSuspect = (symbol: string) => Object.values(silences).some((own) => (own[symbol]?.suspectTime ?? null) !== null);
  const isChoice = now % DAY_MS === 0 && feeds.every(({ deliveredSymbols }) => deliveredSymbols !== null);
  const kept = isChoice ? tracked.filter(isSuspect) : tracked;
  const totals = new Map<string, number>();
  for (const { deliveredSymbols } of feeds) {
    for (const [symbol, count] of Object.entries(deliveredSymbols ?? {})) totals.set(symbol, (totals.get(symbol) ?? 0) + (count ?? 0));
  }
  const others = [...totals].filter(([symbol]) => !kept.includes(symbol)).toSorted(([a, of], [b, than]) => than - of || (a < b ? -1 : 1));
  return [...kept, ...others.map(([symbol]) => symbol)].slice(0, MAX_ASSETS);
}

/**
 * What each venue delivered of each counted asset in the minute before.
 * @param counts what the venues delivered of all assets, where that is known
 * @returns the counts by asset, and the state with what was seen
 */
export function countAssets(
  before: AssetState = NO_ASSETS,
  feeds: readonly ObservedAssets[],
  counts: MinuteCounts["counts"],
  now: number,
): { readonly assets: NonNullable<MinuteCounts["assets"]>; readonly state: AssetState } {
  const assets = Object.fromEntries(before.tracked.map((symbol) => [symbol, assetCounts(before, symbol, feeds, counts)]));
  const tracked = trackedAssets(before, feeds, now);
  const delivered: AssetState["delivered"] = { ...before.delivered };
  for (const { exchange, deliveredSymbols } of feeds) {
    if (deliveredSymbols === null) continue;
    const seen = tracked.map((symbol) => [symbol, seenOf(deliveredSymbols, symbol) ?? before.delivered[exchange]?.[symbol] ?? 0]);
    delivered[exchange] = Object.fromEntries(seen);
  }
  return { assets, state: { ...before, tracked, delivered } };
}

function assetCounts(
  { delivered }: AssetState,
  symbol: string,
  feeds: readonly ObservedAssets[],
  counts: MinuteCounts["counts"],
): AssetCounts {
  const found: AssetCounts = {};
  for (const { exchange, deliveredSymbols } of feeds) {
    if (counts[exchange] === undefined) continue;
    const [last, seen] = [delivered[exchange]?.[symbol], seenOf(deliveredSymbols, symbol)];
    // A feed that was moved begins to count again.
    const count = last === undefined || seen === null || seen < last ? null : seen - last;
    if (count !== 0) found[exchange] = count;
  }
  return found;
}

/** @returns null where it is not known, or the venue no longer lists the asset */
function seenOf(deliveredSymbols: ObservedAssets["deliveredSymbols"], symbol: string): number | null {
  if (deliveredSymbols === null) return null;
  const seen = deliveredSymbols[symbol];
  return seen === undefined ? 0 : seen;
}

/**
 * Judges the base assets of each venue in the minute that ended at `now`.
 * @param recent the minutes up to it, with what is known of assets
 * @param suspect venues that are silent as a whole: their assets are not judged
 */
export function judgeAssets(
  before: AssetState = NO_ASSETS,
  state: AssetState,
  feeds: readonly ObservedAssets[],
  fitted: readonly FittedVenue[],
  recent: readonly MinuteCounts[],
  suspect: ReadonlySet<ExchangeName>,
  now: number,
): { readonly state: AssetState; readonly changes: readonly AssetChange[] } {
  const family = judgedAssets(fitted);
  const silences: Partial<Record<ExchangeName, Record<string, Silence>>> = {};
  const changes: AssetChange[] = [];
  const symbols = new Set([...state.tracked, ...Object.values(before.silences).flatMap((own) => Object.keys(own))]);
  for (const symbol of symbols) {
    const minutes = recent.slice(-ASSET_ACTIVITY_MINUTES).map((one) => assetMinute(one, symbol));
    const counts = minutes.at(-1)?.counts ?? {};
    for (const { exchange, deliveredSymbols } of feeds) {
      const model = fitted.find((one) => one.exchange === exchange)?.assets?.find((one) => one.symbol === symbol) ?? null;
      const earlier = before.silences[exchange]?.[symbol] ?? null;
      const isListed = deliveredSymbols?.[symbol] !== null;
      const next = isListed
        ? judgeMinute(earlier, model, {
            now,
            count: counts[exchange] ?? null,
            isOver: (seenOf(deliveredSymbols, symbol) ?? 0) > (before.delivered[exchange]?.[symbol] ?? Infinity),
            market: model?.model == null || suspect.has(exchange) ? null : assetMarket(minutes, model.averages, exchange),
            othersEvents: othersEvents(counts, exchange),
            family,
          })
        : null;
      if (next !== null) (silences[exchange] ??= {})[symbol] = next;
      const change = changeOf(earlier, next);
      if (change?.kind === "cleared" && !isListed) changes.push({ kind: "unlisted", exchange, symbol, silence: change.silence });
      else if (change !== null) changes.push({ ...change, exchange, symbol });
    }
  }
  return { state: { ...state, silences }, changes };
}

export function othersEvents(counts: MinuteCounts["counts"], exchange: ExchangeName): number {
  return Object.entries(counts).reduce((sum, [name, events]) => sum + (name === exchange ? 0 : events), 0);
}

/** What was found to be an outage of an asset is not known, so that no model learns from it. */
export function withoutSuspectAssets(one: MinuteCounts, silences: AssetState["silences"]): MinuteCounts {
  if (one.assets === undefined) return one;
  const assets: Record<string, AssetCounts> = { ...one.assets };
  for (const [exchange, own] of Object.entries(silences) as [ExchangeName, Readonly<Record<string, Silence>>][]) {
    for (const [symbol, { suspectTime, since }] of Object.entries(own)) {
      const isOut = suspectTime !== null && since !== null && one.minute >= since && assets[symbol] !== undefined;
      if (isOut && assets[symbol]?.[exchange] === undefined) assets[symbol] = { ...assets[symbol], [exchange]: null };
    }
  }
  return { ...one, assets };
}
