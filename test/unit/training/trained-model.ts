import { type RuleModelFile, sealRuleModel } from "../../../src/signals/rule-model-file.ts";
import { FEATURES_VERSION, RULE_FEATURES } from "../../../src/signals/rule-features.ts";

/** A model that passed its test, in which the push alone says something: one σ√15 min more multiplies the odds by e. */
export function trainedModel(changes: Partial<RuleModelFile> = {}): Promise<RuleModelFile> {
  const size = RULE_FEATURES.length + 1;
  const { hash: _hash, ...fields } = {
    features_version: FEATURES_VERSION,
    trained_from: 1_780_000_000_000,
    trained_to: 1_790_000_000_000,
    decisions: 400,
    episodes: 200,
    base_rate: 0.4,
    gain_bps: 60,
    gain_error_bps: 3,
    loss_bps: 40,
    loss_error_bps: 3,
    cost_bps: 10,
    intercept: -2,
    features: RULE_FEATURES.map(({ name }) => ({ name, median: 0, mean: 0, deviation: 1, weight: name === "push_sigma" ? 1 : 0 })),
    covariance: Array.from({ length: size }, (_, row) => Array.from({ length: size }, (__, column) => (row === column ? 0.01 : 0))),
    folds: [],
    held_out: { trades: 20, episodes: 15, net_bps: 20, error_bps: 5 },
    refusal: null,
    hash: "",
    ...changes,
  };
  return sealRuleModel(fields);
}
