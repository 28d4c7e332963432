import type { ExchangeName } from "../../src/liquidation.ts";
import { ASSET_ACTIVITY_MINUTES, assetMarket, assetMinute } from "../../src/silence/asset-minutes.ts";
import type { FittedAsset, FittedSilence, FittedVenue } from "../../src/silence/fitted-venue.ts";
import { ACTIVITY_MINUTES, type MinuteCounts, marketMinute } from "../../src/silence/minute-counts.ts";
import { type Evidence, afterMinute, isSuspect, noEvidence } from "../../src/silence/silence-evidence.ts";
import type { MarketMinute } from "../../src/silence/silence-model.ts";
import { DAY_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { simulateAssetMinutes } from "./asset-minutes.ts";
import { simulateVenueMinutes } from "./venue-minutes.ts";

export const DAY_MINUTES = DAY_MS / MINUTE_MS;

export function simulatedDays(seed: number, startTime: number, days: number): readonly MinuteCounts[] {
  const minutes = simulateVenueMinutes(seed, startTime, days * DAY_MINUTES);
  return [...minutes].map(({ minute, moveBps, counts }) => ({ minute, move_bps: moveBps, counts }));
}

/** The same with what each venue had of each base asset. */
export function simulatedAssetDays(seed: number, startTime: number, days: number): readonly MinuteCounts[] {
  return [...simulateAssetMinutes(seed, startTime, days * DAY_MINUTES)];
}

interface PlayedMinute {
  readonly market: MarketMinute | null;
  readonly evidence: Evidence;
  readonly becameSuspect: boolean;
}

/** What is known of a venue after each minute. */
export function evidenceOf(venue: FittedVenue, minutes: readonly MinuteCounts[]): readonly PlayedMinute[] {
  const { averages, exchange } = venue;
  if (averages === null) return [];
  return played(
    venue,
    minutes.map(countsOf(exchange)),
    (index) => marketMinute(recent(minutes, index, ACTIVITY_MINUTES), averages, exchange),
    1,
  );
}

/** What is known of a base asset on a venue after each minute. @param family number of assets that are judged together */
export function assetEvidenceOf(
  exchange: ExchangeName,
  asset: FittedAsset,
  minutes: readonly MinuteCounts[],
  family: number,
): readonly PlayedMinute[] {
  const { averages, symbol } = asset;
  if (averages === null) return [];
  const own = minutes.map((one) => assetMinute(one, symbol));
  const market = (index: number) => assetMarket(recent(own, index, ASSET_ACTIVITY_MINUTES), averages, exchange);
  return played(asset, own.map(countsOf(exchange)), market, family);
}

function played(
  { model }: FittedSilence,
  counts: readonly (number | null)[],
  marketOf: (index: number) => MarketMinute | null,
  family: number,
): readonly PlayedMinute[] {
  if (model === null) return [];
  let evidence = noEvidence(model);
  return counts.map((count, index) => {
    const market = marketOf(index);
    const before = isSuspect(evidence, family);
    evidence = afterMinute(evidence, model, market, count);
    return { market, evidence, becameSuspect: isSuspect(evidence, family) && !before };
  });
}

function countsOf(exchange: ExchangeName): (one: MinuteCounts) => number | null {
  return ({ counts }) => counts[exchange] ?? null;
}

function recent<Minute>(minutes: readonly Minute[], index: number, length: number): readonly Minute[] {
  return minutes.slice(Math.max(0, index + 1 - length), index + 1);
}

/** @returns the ends of the minutes at which a venue became suspect, ms */
export function playSilence(venue: FittedVenue, minutes: readonly MinuteCounts[]): readonly number[] {
  return evidenceOf(venue, minutes).flatMap(({ becameSuspect }, index) =>
    becameSuspect ? [(minutes[index]?.minute ?? 0) + MINUTE_MS] : [],
  );
}

/** How long what sends nothing after a minute takes to be suspect, minutes; `most` where it takes longer. */
export function minutesUntilSuspect(
  { model }: FittedSilence,
  minutes: readonly PlayedMinute[],
  index: number,
  most: number,
  family = 1,
): number {
  let evidence = minutes[index]?.evidence;
  if (model === null || evidence === undefined) return most;
  for (let passed = 1; passed < most; passed += 1) {
    evidence = afterMinute(evidence, model, minutes[index + passed]?.market ?? null, 0);
    if (isSuspect(evidence, family)) return passed;
  }
  return most;
}
