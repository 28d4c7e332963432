import type { Gap, SymbolGap } from "../gap.ts";
import type { ExchangeName } from "../liquidation.ts";
import { MINUTE_MS } from "../windows/calendar.ts";
import { ASSET_ACTIVITY_MINUTES, assetMarket, assetMinute } from "./asset-minutes.ts";
import { type FittedMinute, fitSilence } from "./fit-silence.ts";
import { ACTIVITY_MINUTES, type MarketAverages, type MinuteCounts, averagesOf, marketMinute } from "./minute-counts.ts";
import type { SilenceModel } from "./silence-model.ts";

/** Days that a model is fitted on, where so many are stored. */
export const FITTED_DAYS = 14;
/** Liquidations of a base asset a minute, on average, from which on its silence is judged: under it, a day of silence says too little. */
export const MIN_ASSET_RATE = 0.25;

/** How something is silent beside the others, by its last days; without a model nothing is said of it. Times in ms. */
export type FittedSilence = { readonly fitted_time: number } & (
  | { readonly model: SilenceModel; readonly averages: MarketAverages; readonly minutes: number; readonly withheld: null }
  | { readonly model: null; readonly averages: null; readonly minutes: number; readonly withheld: string }
);

/** How one base asset is silent on a venue that delivers others. */
export type FittedAsset = FittedSilence & { readonly symbol: string };

export type FittedVenue = FittedSilence & {
  readonly exchange: ExchangeName;
  /** Its base assets; absent in what was fitted before assets were judged. */
  readonly assets?: readonly FittedAsset[];
};

/** @param gaps of all venues: what was found later not to have been covered is no minute of silence, and no activity either */
export function fitVenue(exchange: ExchangeName, minutes: readonly MinuteCounts[], gaps: readonly Gap[], now: number): FittedVenue {
  const covered = minutes.map((one) => withoutGaps(one, gaps));
  const averages = averagesOf(covered);
  const fitted = covered.map((one, index) => ({
    count: one.counts[exchange] ?? null,
    market: marketMinute(recentOf(covered, index, ACTIVITY_MINUTES), averages, exchange),
  }));
  return { exchange, ...fittedSilence(fitted, averages, now) };
}

/** @param gaps of all venues, and of this asset on them */
export function fitAsset(
  exchange: ExchangeName,
  symbol: string,
  minutes: readonly MinuteCounts[],
  gaps: readonly (Gap | SymbolGap)[],
  now: number,
): FittedAsset {
  const own = minutes.map((one) => withoutGaps(assetMinute(one, symbol), gaps));
  const averages = averagesOf(own);
  const rate = averages.rates[exchange] ?? 0;
  if (rate < MIN_ASSET_RATE) {
    const withheld = `it has ${rate.toFixed(2)} liquidations a minute, of the ${MIN_ASSET_RATE} that a fit needs`;
    return { symbol, fitted_time: now, minutes: 0, model: null, averages: null, withheld };
  }
  const fitted = own.map((one, index) => ({
    count: one.counts[exchange] ?? null,
    market: assetMarket(recentOf(own, index, ASSET_ACTIVITY_MINUTES), averages, exchange),
  }));
  return { symbol, ...fittedSilence(fitted, averages, now) };
}

/** Number of base assets that are judged, over all venues: an alarm of any of them is as false as one of another. */
export function judgedAssets(venues: readonly FittedVenue[]): number {
  return venues.reduce((sum, { assets = [] }) => sum + assets.filter(({ model }) => model !== null).length, 0);
}

function recentOf<Minute>(minutes: readonly Minute[], index: number, length: number): readonly Minute[] {
  return minutes.slice(Math.max(0, index + 1 - length), index + 1);
}

function fittedSilence(fitted: readonly FittedMinute[], averages: MarketAverages, now: number): FittedSilence {
  const fit = fitSilence(fitted);
  const minutes = fitted.filter(({ count, market }) => count !== null && market !== null).length;
  if (fit.kind === "withheld") return { fitted_time: now, minutes, model: null, averages: null, withheld: fit.reason };
  return { fitted_time: now, minutes, model: fit.model, averages, withheld: null };
}

function withoutGaps<Minute extends MinuteCounts>(one: Minute, gaps: readonly Gap[]): Minute {
  const missing = gaps.filter(({ from_time, to_time }) => one.minute + MINUTE_MS > from_time && one.minute < (to_time ?? Infinity));
  if (missing.length === 0) return one;
  const names = new Set<string>(missing.map((gap) => gap.exchange));
  return { ...one, counts: Object.fromEntries(Object.entries(one.counts).filter(([name]) => !names.has(name))) };
}
