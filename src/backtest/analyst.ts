import type { ModelFields } from "../signals/decision-parts.ts";
import { ruleVerdict } from "../signals/rule-model.ts";
import type { ServedRules } from "../signals/rule-model-file.ts";
import { signalId } from "../signals/signal-id.ts";
import type { SignalInput } from "../signals/signal-input.ts";
import type { SignalRecord } from "../signals/ledger.ts";
import type { Analyst, Verdict } from "../signals/verdict.ts";
import { SECOND_MS } from "../windows/calendar.ts";

/** The live rule model has decided by then, within the minute, so that the entry is in the next minute. */
const RULES_TAKE_MS = SECOND_MS;

/** The verdict of an analyst on a spike, and its time. */
export interface Judgement extends Pick<SignalRecord, "analyst" | "model" | "prompt_version" | "created_time"> {
  readonly verdict: Verdict;
  /** What a language model was asked and said; absent where none was. */
  readonly forecast?: ModelFields;
}

/** Null where the analyst has no verdict on a spike, which then is not a decision. */
export type ReplayAnalyst = (input: SignalInput) => Judgement | null;

/**
 * The rule model, as it decides live without a key.
 * @param trained null where today's rules decide
 */
export function rulesAnalystOf(trained: ServedRules | null): ReplayAnalyst {
  return (input) => {
    const { verdict, version } = ruleVerdict(input, trained);
    return {
      verdict: { ...verdict, reason_code: "no_key" },
      created_time: input.known_time + RULES_TAKE_MS,
      analyst: "rules",
      model: version,
      prompt_version: null,
    };
  };
}

/** Today's rules. */
export const rulesAnalyst = rulesAnalystOf(null);

/** The fields of a ledger record that a replay reads. */
export type RecordedSignal = Verdict &
  Pick<SignalRecord, "signal_id" | "minute" | "symbol" | "created_time" | "analyst" | "model" | "prompt_version">;

/** The recorded verdicts of a ledger by signal id, at their times. */
export function recordedAnalyst(records: readonly RecordedSignal[]): ReplayAnalyst {
  const byId = new Map(records.map((record) => [record.signal_id, record]));
  return (input) => {
    const record = byId.get(signalId(input));
    if (record === undefined) return null;
    const { action, confidence, reason, reason_code, invalidation, created_time, analyst, model, prompt_version } = record;
    return { verdict: { action, confidence, reason, reason_code, invalidation }, created_time, analyst, model, prompt_version };
  };
}

/** The analyst that decided in a recorded ledger: the language model, unless it never did. */
export function recordedDecider(records: readonly Pick<RecordedSignal, "analyst">[]): Analyst {
  return records.some(({ analyst }) => analyst === "deepseek") ? "deepseek" : "rules";
}
