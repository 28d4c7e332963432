import { MINUTE_MS } from "../windows/calendar.ts";
import { FORECAST_FEATURES, FORECAST_FEATURES_VERSION } from "./forecast-features.ts";

/** A forecast speaks of so much time after the liquidation that it was made at, ms. */
export const FORECAST_HORIZON_MS = 5 * MINUTE_MS;
/** Forecasts are trained on and graded at most this often for a symbol and side: those of one second say the same, ms. */
export const FORECAST_SPACING_MS = 10_000;

/** Standardized features are cut off here: nothing in training says what lies beyond. */
const MAX_DEVIATIONS = 6;

/** How a feature is standardized, and its coefficient. */
export interface ForecastWeight {
  readonly name: string;
  /** Over the known values; an unknown one counts as the mean. */
  readonly mean: number;
  /** 0 where it was the same in all training data; it then counts nothing. */
  readonly deviation: number;
  /** Logit for each standard deviation. */
  readonly weight: number;
}

/** A ridge logistic regression for "a cascade of this symbol and side becomes active within 5 minutes". */
export interface ForecastWeights {
  readonly features_version: number;
  readonly intercept: number;
  readonly features: readonly ForecastWeight[];
}

export function fitsForecastFeatures({ features_version, features }: ForecastWeights): boolean {
  return (
    features_version === FORECAST_FEATURES_VERSION &&
    features.length === FORECAST_FEATURES.length &&
    features.every(({ name }, index) => name === FORECAST_FEATURES[index]?.name)
  );
}

/** The scale of a feature, for training and serving alike. NaN counts as the mean. */
export function standardizedFeature(value: number, { mean, deviation }: Pick<ForecastWeight, "mean" | "deviation">): number {
  if (deviation === 0 || Number.isNaN(value)) return 0;
  return Math.max(-MAX_DEVIATIONS, Math.min(MAX_DEVIATIONS, (value - mean) / deviation));
}

/** A model in the form in which the hub evaluates it: numbers only, no allocation. */
export class ForecastScorer {
  readonly #intercept: number;
  readonly #means: Float64Array;
  readonly #scales: Float64Array;
  readonly #weights: Float64Array;

  /** @throws {RangeError} where the model was trained on other features */
  constructor(model: ForecastWeights) {
    if (!fitsForecastFeatures(model))
      throw new RangeError(`the model has other features than those of version ${FORECAST_FEATURES_VERSION}`);
    this.#intercept = model.intercept;
    this.#means = Float64Array.from(model.features, ({ mean }) => mean);
    this.#scales = Float64Array.from(model.features, ({ deviation }) => (deviation === 0 ? 0 : 1 / deviation));
    this.#weights = Float64Array.from(model.features, ({ weight }) => weight);
  }

  /** @param features in the order of `FORECAST_FEATURES`, NaN where unknown @returns 0 to 1 */
  probability(features: Float64Array): number {
    let logit = this.#intercept;
    for (let index = 0; index < features.length; index += 1) {
      const scaled = ((features[index] ?? 0) - (this.#means[index] ?? 0)) * (this.#scales[index] ?? 0);
      // Comparisons with NaN are false, so an unknown feature adds nothing.
      if (scaled > MAX_DEVIATIONS) logit += MAX_DEVIATIONS * (this.#weights[index] ?? 0);
      else if (scaled < -MAX_DEVIATIONS) logit -= MAX_DEVIATIONS * (this.#weights[index] ?? 0);
      else if (!Number.isNaN(scaled)) logit += scaled * (this.#weights[index] ?? 0);
    }
    return 1 / (1 + Math.exp(-logit));
  }
}
