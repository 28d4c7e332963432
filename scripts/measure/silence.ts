import type { MinuteCounts } from "../../src/silence/minute-counts.ts";
import { type FittedSilence, MIN_ASSET_RATE, fitAsset, fitVenue } from "../../src/silence/fitted-venue.ts";
import { DAY_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { SIMULATED_ASSET_NAMES } from "../market-simulation/asset-minutes.ts";
import {
  DAY_MINUTES,
  assetEvidenceOf,
  evidenceOf,
  minutesUntilSuspect,
  simulatedAssetDays,
  simulatedDays,
} from "../market-simulation/silence-run.ts";
import { SIMULATED_NAMES } from "../market-simulation/venue-minutes.ts";
import type { Figure } from "./figure.ts";

/** A Monday. */
const START = Date.parse("2026-10-05");
const [FITTED_DAYS, JUDGED_DAYS] = [14, 60];
/** Between two times at which something falls silent, minutes. */
const STEP = 397;
const DAYS_PER_YEAR = 365;
/** A silence that lasts for longer is not found in time. */
const MAX_MINUTES = 2 * DAY_MINUTES;

/** Times until a silence is suspect, minutes: at any time, and while the others are more active than on average. */
interface Delays {
  readonly all: number[];
  readonly busy: number[];
  rate: number;
}

/** False alarms of what delivers, and how long what sends nothing takes to be found, on simulated minutes. */
export async function silence(seeds: readonly number[]): Promise<readonly Figure[]> {
  return [...venueFigures(seeds), ...assetFigures(seeds)];
}

function venueFigures(seeds: readonly number[]): readonly Figure[] {
  let [alarms, venueDays] = [0, 0];
  const found = new Map<string, Delays>();
  for (const seed of seeds) {
    const { fitted, judged } = split(simulatedDays(seed, START, FITTED_DAYS + JUDGED_DAYS));
    for (const name of SIMULATED_NAMES) {
      const venue = fitVenue(name, fitted, [], START + FITTED_DAYS * DAY_MS);
      if (venue.model === null) continue;
      const minutes = evidenceOf(venue, judged);
      alarms += minutes.filter(({ becameSuspect }) => becameSuspect).length;
      venueDays += JUDGED_DAYS;
      noteDelays(found, name, venue, minutes, 1);
    }
  }
  const perYear = (DAYS_PER_YEAR * alarms) / venueDays;
  return [
    { what: `false alarms a year and venue, of ${venueDays} venue days`, measured: perYear.toFixed(2), target: "at most 1" },
    ...delayFigures(found),
  ];
}

/** One base asset of a venue that delivers the others. Each has bursts, and cascades over all venues, that are its own. */
function assetFigures(seeds: readonly number[]): readonly Figure[] {
  let [alarms, days, assetDays] = [0, 0, 0];
  const found = new Map<string, Delays>();
  for (const seed of seeds) {
    const { fitted, judged } = split(simulatedAssetDays(seed, START, FITTED_DAYS + JUDGED_DAYS));
    const pairs = SIMULATED_NAMES.flatMap((exchange) =>
      SIMULATED_ASSET_NAMES.map((symbol) => ({ exchange, asset: fitAsset(exchange, symbol, fitted, [], START + FITTED_DAYS * DAY_MS) })),
    ).filter(({ asset }) => asset.model !== null);
    for (const { exchange, asset } of pairs) {
      const minutes = assetEvidenceOf(exchange, asset, judged, pairs.length);
      alarms += minutes.filter(({ becameSuspect }) => becameSuspect).length;
      noteDelays(found, `${exchange} ${asset.symbol}`, asset, minutes, pairs.length);
    }
    days += JUDGED_DAYS;
    assetDays += JUDGED_DAYS * pairs.length;
  }
  return [
    {
      what: `false alarms of any asset, in ${days} days of all together (${assetDays} of single ones, from ${MIN_ASSET_RATE} a minute on)`,
      measured: String(alarms),
      target: `at most ${Math.ceil(days / 1_000)}`,
    },
    ...delayFigures(found),
  ];
}

function split(days: readonly MinuteCounts[]) {
  return { fitted: days.slice(0, FITTED_DAYS * DAY_MINUTES), judged: days.slice(FITTED_DAYS * DAY_MINUTES) };
}

function noteDelays(
  found: Map<string, Delays>,
  name: string,
  fitted: FittedSilence,
  minutes: ReturnType<typeof evidenceOf>,
  family: number,
): void {
  const delays = found.get(name) ?? { all: [], busy: [], rate: fitted.model?.rate ?? 0 };
  found.set(name, delays);
  for (let at = 60; at < minutes.length - MAX_MINUTES; at += STEP) {
    const passed = minutesUntilSuspect(fitted, minutes, at, MAX_MINUTES, family);
    delays.all.push(passed);
    if ((minutes[at]?.market?.activity ?? 0) > 1) delays.busy.push(passed);
  }
}

function delayFigures(found: ReadonlyMap<string, Delays>): readonly Figure[] {
  return [...found].map(([name, { all, busy, rate }]) => ({
    what: `${name} (${rate.toFixed(2)} a minute): minutes until a silence is suspect, others busy: median, 90 %`,
    measured: `${quantile(busy, 0.5)}, ${quantile(busy, 0.9)} (at any time ${quantile(all, 0.5)}, ${quantile(all, 0.9)})`,
    target: "",
  }));
}

function quantile(values: readonly number[], share: number): string {
  const value = values.toSorted((a, b) => a - b)[Math.floor(share * values.length)];
  return value === undefined || value >= MAX_MINUTES ? `over ${(MAX_MINUTES * MINUTE_MS) / DAY_MS} days` : String(value);
}
