import { createRandom } from "../../../scripts/simulator/random.ts";
import { FORECAST_FEATURES, VELOCITY_FEATURE } from "../../../src/cascade-forecast/forecast-features.ts";
import type { CascadeStart, ForecastRow } from "../../../src/training/forecast-row.ts";
import { DAY_MS } from "../../../src/windows/calendar.ts";

/** A Monday. */
export const START = Date.parse("2026-03-02");
const PRECURSOR = FORECAST_FEATURES.findIndex(({ name }) => name === "return_60s");
const LEAD_MS = 40_000;

export interface RowOptions {
  readonly seed: number;
  readonly days: number;
  /** What a standard deviation of the precursor adds to the logit; 0: the velocity is all there is. */
  readonly precursor: number;
  readonly perDay?: number;
}

/** Liquidations of which every fourth or so a cascade follows, by the velocity and, where one is planted, a precursor. */
export function randomRows({ seed, days, precursor, perDay = 240 }: RowOptions): {
  readonly rows: readonly ForecastRow[];
  readonly starts: readonly CascadeStart[];
} {
  const random = createRandom(seed, "forecasts");
  const rows = Array.from({ length: days * perDay }, (_, index): ForecastRow => {
    const features = Float64Array.from(FORECAST_FEATURES, () => (random.chance(0.02) ? Number.NaN : random.normal()));
    features[VELOCITY_FEATURE] = random.normal();
    const logit = -1.5 + (features[VELOCITY_FEATURE] ?? 0) + precursor * (features[PRECURSOR] || 0);
    const time = START + Math.floor((index * DAY_MS) / perDay);
    const cascadeTime = random.chance(1 / (1 + Math.exp(-logit))) ? time + LEAD_MS : null;
    return { symbol: "BTC", side: "long", time, features, cascadeTime, weight: 1 };
  });
  const starts = rows.flatMap(({ symbol, side, cascadeTime }) => (cascadeTime === null ? [] : [{ symbol, side, time: cascadeTime }]));
  return { rows, starts };
}
