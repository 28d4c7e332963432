import { FORECAST_FEATURES, FORECAST_FEATURES_VERSION } from "../../../src/cascade-forecast/forecast-features.ts";
import { type ForecastModelFile, sealForecastModel } from "../../../src/cascade-forecast/forecast-model-file.ts";

/** A model that passed its test, in which the velocity alone says something: e times as fast, e times the odds. */
export function forecastModel(changes: Partial<ForecastModelFile> = {}): Promise<ForecastModelFile> {
  const { hash: _hash, ...fields }: ForecastModelFile = {
    features_version: FORECAST_FEATURES_VERSION,
    intercept: -2,
    features: FORECAST_FEATURES.map(({ name }) => ({ name, mean: 0, deviation: 1, weight: name === "velocity_over_p99" ? 1 : 0 })),
    trained_from: 1_780_000_000_000,
    trained_to: 1_790_000_000_000,
    forecasts: 100_000,
    cascades: 900,
    symbols: ["BTC", "ETH"],
    test: {
      folds: [],
      from: 1_785_000_000_000,
      to: 1_790_000_000_000,
      forecasts: 50_000,
      cascades: 420,
      days: 58,
      base_rate: 0.017,
      pr_auc: 0.31,
      velocity_pr_auc: 0.23,
      gain: 0.08,
      gain_low: 0.05,
      gain_high: 0.11,
      pr_auc_within: 0.3,
      velocity_pr_auc_within: 0.24,
      usd_pr_auc: 0.25,
      calibration_slope: 0.96,
      mean_probability: 0.018,
      reliability: [],
      alarm_probability: 0.12,
      alarm_precision: 0.4,
      lead_times: { cascades: 430, led: 380, p10_s: 2, p50_s: 11, p90_s: 40 },
    },
    refusal: null,
    hash: "",
    ...changes,
  };
  return sealForecastModel(fields);
}
