import * as z from "zod";
import { readSealedModel, sealModel } from "../sealed-model.ts";
import { FORECAST_FEATURES, FORECAST_FEATURES_VERSION } from "./forecast-features.ts";
import { type ForecastWeights, fitsForecastFeatures } from "./forecast-model.ts";
import type { LeadTimes } from "./lead-times.ts";
import type { ReliabilityBin } from "./reliability.ts";

/** Where the Worker looks for the model in R2. */
export const FORECAST_MODEL_KEY = "models/cascade-forecast.json";
/** A file larger than this is no forecast model, bytes. */
export const MAX_FORECAST_MODEL_BYTES = 65_536;

/** What a model of earlier days did on later ones. Times in ms. */
export interface ForecastFold {
  readonly from: number;
  readonly to: number;
  readonly training_cascades: number;
  readonly cascades: number;
  /** Area under the curve of precision over recall, of the model and of ln(velocity ÷ p99). */
  readonly pr_auc: number;
  readonly velocity_pr_auc: number;
}

/** The test on days that the model in question was not trained on, all folds together. */
export interface ForecastTest {
  readonly folds: readonly ForecastFold[];
  readonly from: number;
  readonly to: number;
  /** Forecasts tested, and the cascades in their time. */
  readonly forecasts: number;
  readonly cascades: number;
  /** Tested days with a cascade: the intervals are over whole days. */
  readonly days: number;
  /** Share of the forecasts that a cascade followed: the area that chance reaches. */
  readonly base_rate: number;
  readonly pr_auc: number;
  readonly velocity_pr_auc: number;
  /** pr_auc − velocity_pr_auc, and its 95 % interval by a bootstrap of whole days. */
  readonly gain: number;
  readonly gain_low: number;
  readonly gain_high: number;
  /** The areas within base assets, averaged by their cascades: what tells assets apart counts for neither. */
  readonly pr_auc_within: number;
  readonly velocity_pr_auc_within: number;
  /** The area of the USD of 90 s over the minimum of a cascade. */
  readonly usd_pr_auc: number;
  /** Of the outcomes on the logit of the forecasts: 1 where they are as sure as they should be, under 1 where they are too sure. */
  readonly calibration_slope: number;
  /** Mean probability that was forecast; calibrated where it is near `base_rate`. */
  readonly mean_probability: number;
  readonly reliability: readonly ReliabilityBin[];
  /** The probability that the highest hundredth of the forecasts reached: the alarm, and the share of alarms that a cascade followed. */
  readonly alarm_probability: number;
  readonly alarm_precision: number;
  readonly lead_times: LeadTimes;
}

/** The file of a trained forecast model. */
export interface ForecastModelFile extends ForecastWeights {
  /** Time of the first and the last liquidation that it was trained on, ms. */
  readonly trained_from: number;
  readonly trained_to: number;
  readonly forecasts: number;
  readonly cascades: number;
  /** Base assets that it was trained on. */
  readonly symbols: readonly string[];
  readonly test: ForecastTest;
  /** The reason why it must not forecast; null where it passed its test. */
  readonly refusal: string | null;
  /** SHA-256 of the canonical JSON of all other fields. */
  readonly hash: string;
}

const count = z.int().min(0);
const finite = z.number();
const share = z.number().min(0).max(1);
const seconds = z.number().min(0).nullable();

const fileSchema = z.strictObject({
  features_version: count,
  intercept: finite,
  features: z.array(z.strictObject({ name: z.string(), mean: finite, deviation: finite.min(0), weight: finite })),
  trained_from: count,
  trained_to: count,
  forecasts: count,
  cascades: count,
  symbols: z.array(z.string()),
  test: z.strictObject({
    folds: z.array(
      z.strictObject({ from: count, to: count, training_cascades: count, cascades: count, pr_auc: share, velocity_pr_auc: share }),
    ),
    from: count,
    to: count,
    forecasts: count,
    cascades: count,
    days: count,
    base_rate: share,
    pr_auc: share,
    velocity_pr_auc: share,
    gain: finite,
    gain_low: finite,
    gain_high: finite,
    pr_auc_within: share,
    velocity_pr_auc_within: share,
    usd_pr_auc: share,
    calibration_slope: finite,
    mean_probability: share,
    reliability: z.array(
      z.strictObject({ from: share, to: share, forecasts: count, mean_probability: share.nullable(), followed_share: share.nullable() }),
    ),
    alarm_probability: share,
    alarm_precision: share,
    lead_times: z.strictObject({ cascades: count, led: count, p10_s: seconds, p50_s: seconds, p90_s: seconds }),
  }),
  refusal: z.string().nullable(),
  hash: z.string(),
}) satisfies z.ZodType<ForecastModelFile>;

export function sealForecastModel(model: Omit<ForecastModelFile, "hash">): Promise<ForecastModelFile> {
  return sealModel(model);
}

/**
 * The model of a file.
 * @returns a text with the reason where it must not forecast: it is no forecast model, was changed, fits other features than
 * those of this version, or failed its test
 */
export async function readForecastModel(text: string): Promise<ForecastModelFile | string> {
  const data = await readSealedModel<ForecastModelFile>(text, fileSchema, "a forecast model");
  if (typeof data === "string") return data;
  if (!fitsForecastFeatures(data)) {
    const own = `${data.features.length} features of version ${data.features_version}`;
    return `it was trained on ${own}; this version has ${FORECAST_FEATURES.length} of version ${FORECAST_FEATURES_VERSION}`;
  }
  if (data.refusal !== null) return `it failed its test: ${data.refusal}`;
  return data;
}
