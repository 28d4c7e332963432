import type { PositionSide } from "../liquidation.ts";
import { ruleFeatures } from "./rule-features.ts";
import type { ServedRules } from "./rule-model-file.ts";
import { AGAINST_FLOW, RULES_V1, nothing, rulesVerdict, verdict } from "./rules-v1.ts";
import { type SignalInput, dominantSide } from "./signal-input.ts";
import { fadeEstimate, isWorthTrading } from "./trained-rules.ts";
import type { Verdict } from "./verdict.ts";

/** What the rule model says of an input, and which rule model it was. */
export interface RuleVerdict {
  readonly verdict: Verdict;
  /** `rules-v1`, or `rules-v2:` and a hash. Every decision names it: another version has a track record of its own. */
  readonly version: string;
  /** Probability that fading the forced flow earns more than its cost within 1 h, 0 to 1; null where no trained model says. */
  readonly probability: number | null;
}

/**
 * The deterministic model that runs beside the language model and decides without a key.
 * @param trained the model that passed its test; null where there is none, so that the rules decide
 */
export function ruleVerdict(input: SignalInput, trained: ServedRules | null = null): RuleVerdict {
  if (trained === null) return { verdict: rulesVerdict(input), version: RULES_V1, probability: null };
  const { version, model } = trained;
  const features = ruleFeatures(input);
  const side = dominantSide(input)?.side;
  if (features === null || side === undefined) return { verdict: nothing("Neither side dominates."), version, probability: null };
  const estimate = fadeEstimate(model, features);
  const probability = estimate.probability;
  return { verdict: isWorthTrading(estimate) ? fade(side, estimate) : stay(estimate), version, probability };
}

type Estimate = ReturnType<typeof fadeEstimate>;

function fade(side: PositionSide, estimate: Estimate): Verdict {
  const forced = side === "long" ? "Long" : "Short";
  const reason = `Fading ${forced.toLowerCase()} liquidations is expected to earn ${numbers(estimate)}.`;
  return verdict(
    AGAINST_FLOW[side],
    Math.round(100 * estimate.probability),
    reason,
    `${forced} liquidations go on and the mark price with them.`,
  );
}

function stay(estimate: Estimate): Verdict {
  return nothing(`Fading is expected to earn ${numbers(estimate)}, not clearly more than nothing.`);
}

function numbers({ expectedBps, errorBps, probability }: Estimate): string {
  return `${expectedBps.toFixed(1)} ± ${errorBps.toFixed(1)} bps after cost, with a probability of ${Math.round(100 * probability)} %`;
}
