import { type ChosenAction, chooseAction } from "./choose-action.ts";
import { type ForecastFields, RECORD_VERSION, type SignalRecord } from "./ledger.ts";
import type { SampledForecast } from "./price-forecast.ts";
import type { RuleVerdict } from "./rule-model.ts";
import type { SignalInput } from "./signal-input.ts";
import { type ReasonCode, type Verdict, failedVerdict } from "./verdict.ts";

type RuleFields = Pick<SignalRecord, "rule_action"> &
  Pick<ForecastFields, "record_version" | "rule_version" | "rule_confidence" | "rule_probability" | "rule_reason">;
export type ModelFields = Omit<ForecastFields, keyof RuleFields>;

/** The fields of a decision that the model was not asked for. */
export const NOT_ASKED: ModelFields = {
  p_up: null,
  p_down: null,
  p_up_deviation: null,
  p_down_deviation: null,
  samples_asked: 0,
  samples_used: 0,
  expected_net_bps: null,
};

/** The rule model's part of a record. */
export function ruleFields({ verdict, version, probability }: RuleVerdict): RuleFields {
  const { action, confidence, reason } = verdict;
  return {
    record_version: RECORD_VERSION,
    rule_action: action,
    rule_version: version,
    rule_confidence: confidence,
    rule_probability: probability,
    rule_reason: reason,
  };
}

/** What the model was asked and said. */
export interface ModelAnswer {
  readonly samples_asked: number;
  readonly samples_used: number;
  /** Mean over the usable replies; null where none was. */
  readonly forecast: SampledForecast | null;
  /** Why there is none: the reason of the first reply that failed. */
  readonly code: ReasonCode | null;
}

/** The model's part of a record, and the verdict that follows from what it said. */
export function modelVerdict(
  { samples_asked, samples_used, forecast, code }: ModelAnswer,
  input: SignalInput,
): { readonly verdict: Verdict; readonly fields: ModelFields } {
  if (forecast === null) return { verdict: failedVerdict(code ?? "internal"), fields: { ...NOT_ASKED, samples_asked, samples_used } };
  const chosen = chooseAction(forecast, input);
  const { p_up, p_down, p_up_deviation, p_down_deviation } = forecast;
  return {
    verdict: verdictOf(forecast, chosen),
    fields: { p_up, p_down, p_up_deviation, p_down_deviation, samples_asked, samples_used, expected_net_bps: chosen.expected_net_bps },
  };
}

function verdictOf({ p_up, p_down, reason, invalidation }: SampledForecast, { action, expected_net_bps }: ChosenAction): Verdict {
  if (expected_net_bps === null) return failedVerdict("no_volatility");
  const probability = action === "BUY" ? p_up : action === "SELL" ? p_down : 0;
  return { action, confidence: Math.round(1e4 * probability) / 100, reason, reason_code: null, invalidation };
}
