import type { ExchangeName } from "../liquidation.ts";
import { DAY_MS } from "./calendar.ts";
import { QUARTER_HOUR_MS } from "./quarter-hour.ts";

/** How much the coverage of each venue counts: never negative, of any sum. */
export type VenueWeights = ReadonlyMap<ExchangeName, number>;

/** Weights follow the USD of this time. */
export const WEIGHED_OVER_MS = 7 * DAY_MS;
/** With less history than this the USD says little, and all venues weigh the same. */
const MIN_HISTORY_MS = DAY_MS;

export function equalWeights(exchanges: readonly ExchangeName[]): VenueWeights {
  return new Map(exchanges.map((name) => [name, 1]));
}

/**
 * The venues weighed by the USD they published in the last 7 days: a venue with 4 % of the USD, when it falls silent, takes 4
 * % of the coverage. All the same with less than a day of history, or without USD.
 *
 * @param publishing the venues that count
 * @param usd their USD over the quarter-hours of the last 7 days
 * @param quarterHours the number of those quarter-hours
 */
export function venueWeights(
  publishing: readonly ExchangeName[],
  usd: ReadonlyMap<ExchangeName, number>,
  quarterHours: number,
): VenueWeights {
  const weights = new Map(publishing.map((name) => [name, usd.get(name) ?? 0]));
  const hasUsd = [...weights.values()].some((weight) => weight > 0);
  return hasUsd && quarterHours * QUARTER_HOUR_MS >= MIN_HISTORY_MS ? weights : equalWeights(publishing);
}

/** The share of these venues in the weight of all; 0 without weight. */
export function shareOf(exchanges: readonly ExchangeName[], weights: VenueWeights): number {
  const whole = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  const own = exchanges.reduce((sum, name) => sum + (weights.get(name) ?? 0), 0);
  return whole > 0 ? own / whole : 0;
}
