import type { ExchangeName } from "../liquidation.ts";
import { type AssetCounts, type MarketAverages, type MinuteCounts, marketMinute } from "./minute-counts.ts";
import type { MarketMinute } from "./silence-model.ts";

/** A base asset has fewer liquidations than a venue, so that it takes longer to see how active it is. */
export const ASSET_ACTIVITY_MINUTES = 30;
const ASSET_LATE_MINUTES = 10;

/** What one base asset had on each venue in a minute. */
export interface AssetMinute extends MinuteCounts {
  /** Liquidations of all other assets, by venue. */
  readonly rest: MinuteCounts["counts"];
}

/** The same minute with the liquidations of one base asset alone; a venue is absent where those are not known. */
export function assetMinute({ minute, move_bps, counts: all, assets }: MinuteCounts, symbol: string): AssetMinute {
  const known = assets?.[symbol];
  const counts: MinuteCounts["counts"] = {};
  const rest: MinuteCounts["counts"] = {};
  for (const [name, total] of Object.entries(known === undefined ? {} : all) as [ExchangeName, number][]) {
    const count = countOf(known, name);
    if (count === null) continue;
    counts[name] = count;
    rest[name] = Math.max(0, total - count);
  }
  return { minute, move_bps, counts, rest };
}

function countOf(known: AssetCounts | undefined, name: ExchangeName): number | null {
  const count = known?.[name];
  return count === undefined ? 0 : count;
}

/**
 * How active the asset was on the other venues up to a minute. A minute in which the venue delivered no other asset says nothing of
 * this one: that is the silence of the venue, which is judged as such.
 * @param recent the asset's minutes up to the judged one, at most `ASSET_ACTIVITY_MINUTES` of them
 * @returns null where the minute is no evidence
 */
export function assetMarket(recent: readonly AssetMinute[], averages: MarketAverages, venue: ExchangeName): MarketMinute | null {
  if ((recent.at(-1)?.rest[venue] ?? 0) === 0) return null;
  return marketMinute(recent, averages, venue, ASSET_LATE_MINUTES);
}
