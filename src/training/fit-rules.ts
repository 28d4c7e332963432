import { FEATURES_VERSION, RULE_FEATURES } from "../signals/rule-features.ts";
import { type FeatureWeight, type TrainedRules, standardized } from "../signals/trained-rules.ts";
import { type Example, episodeCount, weighByEpisode } from "./example.ts";
import { fitRidgeLogistic, weightedRate } from "./ridge-logistic.ts";

/**
 * The prior of a coefficient of a standardized feature: normal with this deviation, so that all sixteen together move the
 * logit by about 0.6. Markets are hardly predictable: on simulated ones a wider prior beats the base rate less often.
 */
const PRIOR_DEVIATION = 0.15;

type Weighed = ReturnType<typeof weighByEpisode>;

/**
 * Trains the rule model on examples; an episode counts once. The same for the same examples.
 * @param examples in order
 * @returns null where fading always earned its cost, or never
 */
export function fitRules(examples: readonly Example[]): TrainedRules | null {
  const weighed = weighByEpisode(examples);
  const outcomes = weighed.map((example) => ({ ...example, y: outcomeOf(example) }));
  const rate = weightedRate(outcomes);
  if (!(rate > 0 && rate < 1)) return null;
  const scales = RULE_FEATURES.map(({ name }, index) => scaleOf(name, weighed, index));
  const cases = outcomes.map(({ features, y, weight }) => ({ x: standardized(scales, features), y, weight }));
  const { coefficients, covariance } = fitRidgeLogistic(cases, 1 / PRIOR_DEVIATION ** 2);
  const won = outcomes.filter(({ y }) => y === 1).map(({ grossBps, weight }) => ({ value: grossBps, weight }));
  const lost = outcomes.filter(({ y }) => y === 0).map(({ grossBps, weight }) => ({ value: -grossBps, weight }));
  const [gain, loss] = [weightedMean(won), weightedMean(lost)];
  return {
    features_version: FEATURES_VERSION,
    trained_from: weighed[0]?.minute ?? 0,
    trained_to: weighed.at(-1)?.minute ?? 0,
    decisions: weighed.length,
    episodes: episodeCount(weighed),
    base_rate: rate,
    gain_bps: gain.mean,
    gain_error_bps: gain.error,
    loss_bps: loss.mean,
    loss_error_bps: loss.error,
    cost_bps: weightedMean(weighed.map(({ grossBps, netBps, weight }) => ({ value: grossBps - netBps, weight }))).mean,
    intercept: coefficients[0] ?? 0,
    features: scales.map((scale, index) => ({ ...scale, weight: coefficients[index + 1] ?? 0 })),
    covariance,
  };
}

/** Whether fading earned more than its cost. */
export function outcomeOf({ netBps }: Pick<Example, "netBps">): 0 | 1 {
  return netBps > 0 ? 1 : 0;
}

function scaleOf(name: string, examples: Weighed, index: number): Omit<FeatureWeight, "weight"> {
  const known = examples.flatMap(({ features }) => features[index] ?? []).toSorted((a, b) => a - b);
  const median = ((known[Math.floor(known.length / 2)] ?? 0) + (known[Math.ceil(known.length / 2) - 1] ?? 0)) / 2;
  const filled = examples.map(({ features, weight }) => ({ value: features[index] ?? median, weight }));
  const { mean, deviation } = weightedMean(filled);
  // What is the same everywhere has no deviation but that of rounding.
  return { name, median, mean, deviation: deviation <= 1e-9 * Math.abs(mean) ? 0 : deviation };
}

/** Weighted mean and standard deviation, and the standard error of the mean: the weights add up to the sample's size. */
function weightedMean(values: readonly { readonly value: number; readonly weight: number }[]) {
  const size = values.reduce((sum, { weight }) => sum + weight, 0);
  const mean = values.reduce((sum, { value, weight }) => sum + value * weight, 0) / size;
  const variance = values.reduce((sum, { value, weight }) => sum + weight * (value - mean) ** 2, 0) / size;
  return { mean, deviation: Math.sqrt(variance), error: Math.sqrt(variance / Math.max(1, size - 1)) };
}
