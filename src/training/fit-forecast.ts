import { FORECAST_FEATURES, FORECAST_FEATURES_VERSION } from "../cascade-forecast/forecast-features.ts";
import { type ForecastWeights, standardizedFeature } from "../cascade-forecast/forecast-model.ts";
import { type ForecastRow, isFollowed } from "./forecast-row.ts";
import { fitRidgeLogistic } from "./ridge-logistic.ts";

/** Ridge: 1 over the variance of the prior of a standardized feature's weight, which has a standard deviation of 0.58. */
const PENALTY = 3;

/** A feature that is known in less of the rows says too little about the others. */
const MIN_KNOWN_SHARE = 0.05;

/** The model of these rows; null where a cascade followed all of them or none. The same for the same rows. */
export function fitForecast(rows: readonly ForecastRow[]): ForecastWeights | null {
  const followed = rows.filter(isFollowed).length;
  if (followed === 0 || followed === rows.length) return null;
  const scales = FORECAST_FEATURES.map(({ name }, index) => ({ name, ...scaleOf(rows, index) }));
  const cases = rows.map((row) => ({
    x: scales.map((scale, index) => standardizedFeature(row.features[index] ?? Number.NaN, scale)),
    y: isFollowed(row) ? (1 as const) : (0 as const),
    weight: row.weight,
  }));
  const { coefficients } = fitRidgeLogistic(cases, PENALTY);
  return {
    features_version: FORECAST_FEATURES_VERSION,
    intercept: coefficients[0] ?? 0,
    features: scales.map((scale, index) => ({ ...scale, weight: coefficients[index + 1] ?? 0 })),
  };
}

/** Weighted mean and standard deviation over the rows in which the feature is known. */
function scaleOf(rows: readonly ForecastRow[], index: number): { readonly mean: number; readonly deviation: number } {
  let [known, whole, sum, squares] = [0, 0, 0, 0];
  for (const { features, weight } of rows) {
    whole += weight;
    const value = features[index] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    known += weight;
    sum += weight * value;
  }
  if (known < MIN_KNOWN_SHARE * whole) return { mean: 0, deviation: 0 };
  const mean = sum / known;
  for (const { features, weight } of rows) {
    const value = features[index] ?? Number.NaN;
    if (Number.isFinite(value)) squares += weight * (value - mean) ** 2;
  }
  const deviation = Math.sqrt(squares / known);
  // What is the same everywhere has no deviation but that of rounding.
  return { mean, deviation: deviation <= 1e-9 * Math.abs(mean) ? 0 : deviation };
}
