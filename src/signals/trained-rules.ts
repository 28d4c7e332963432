import { type Matrix, dot, quadraticForm } from "./positive-matrix.ts";
import { FEATURES_VERSION, RULE_FEATURES } from "./rule-features.ts";

/** Standardized features are cut off here: nothing in training says what lies beyond. */
const MAX_DEVIATIONS = 4;

/** How a feature of an input is standardized, and its coefficient. */
export interface FeatureWeight {
  readonly name: string;
  /** Replaces a null. */
  readonly median: number;
  readonly mean: number;
  /** 0 where it was the same in all training data; it then counts nothing. */
  readonly deviation: number;
  /** Logit for each standard deviation. */
  readonly weight: number;
}

/** A ridge logistic regression for "fading the forced flow earns more than its cost within 1 h". */
export interface TrainedRules {
  readonly features_version: number;
  /** Minutes of the first and the last decision that it was trained on, ms. */
  readonly trained_from: number;
  readonly trained_to: number;
  readonly decisions: number;
  readonly episodes: number;
  /** Share of the episodes in which fading earned more than its cost. */
  readonly base_rate: number;
  /** Mean gain of fading before cost where it earned more than its cost, mean loss where not, and their standard errors, bps. */
  readonly gain_bps: number;
  readonly gain_error_bps: number;
  readonly loss_bps: number;
  readonly loss_error_bps: number;
  /** Mean cost, bps. */
  readonly cost_bps: number;
  readonly intercept: number;
  readonly features: readonly FeatureWeight[];
  /** Of the intercept and the weights, in their order. */
  readonly covariance: Matrix;
}

/** What a trained rule model expects of fading the forced flow. */
export interface FadeEstimate {
  /** Probability that it earns more than its cost, 0 to 1. */
  readonly probability: number;
  /** p·gain − (1 − p)·loss − cost, and its standard error. */
  readonly expectedBps: number;
  readonly errorBps: number;
}

/**
 * @param features in the order of `RULE_FEATURES`
 * @throws {RangeError} where the model was trained on other features
 */
export function fadeEstimate(model: TrainedRules, features: readonly (number | null)[]): FadeEstimate {
  if (!fitsFeatures(model)) throw new RangeError(`the model has other features than those of version ${FEATURES_VERSION}`);
  const x = [1, ...standardized(model.features, features)];
  const p = 1 / (1 + Math.exp(-dot([model.intercept, ...model.features.map(({ weight }) => weight)], x)));
  const { gain_bps: gain, loss_bps: loss } = model;
  // The delta method: an error of the logit is p(1 − p) times as large in p.
  const ofProbability = (gain + loss) * p * (1 - p) * Math.sqrt(quadraticForm(model.covariance, x));
  return {
    probability: p,
    expectedBps: p * gain - (1 - p) * loss - model.cost_bps,
    errorBps: Math.hypot(ofProbability, p * model.gain_error_bps, (1 - p) * model.loss_error_bps),
  };
}

/** Whether an estimate is worth a trade: what is expected after cost is more than one standard error. */
export function isWorthTrading({ expectedBps, errorBps }: FadeEstimate): boolean {
  return expectedBps > errorBps;
}

export function fitsFeatures({ features_version, features }: Pick<TrainedRules, "features_version" | "features">): boolean {
  return (
    features_version === FEATURES_VERSION &&
    features.length === RULE_FEATURES.length &&
    features.every(({ name }, index) => name === RULE_FEATURES[index]?.name)
  );
}

/** The features in standard deviations from the mean of the training data; a null counts as its median. */
export function standardized(
  weights: readonly Pick<FeatureWeight, "median" | "mean" | "deviation">[],
  features: readonly (number | null)[],
): readonly number[] {
  return weights.map(({ median, mean, deviation }, index) => {
    const value = features[index] ?? median;
    return deviation === 0 ? 0 : Math.max(-MAX_DEVIATIONS, Math.min(MAX_DEVIATIONS, (value - mean) / deviation));
  });
}
