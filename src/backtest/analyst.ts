import { ruleVerdict } from "../signals/rule-model.ts";
import { signalId } from "../signals/signal-id.ts";
import type { SignalInput } from "../signals/signal-input.ts";
import type { SignalRecord } from "../signals/ledger.ts";
import type { Verdict } from "../signals/verdict.ts";
import { SECOND_MS } from "../windows/calendar.ts";

/** The live rule model has decided by then, within the minute, so that the entry is in the next minute. */
const RULES_TAKE_MS = SECOND_MS;

/** The verdict of an analyst on a spike, and its time. */
export interface Judgement extends Pick<SignalRecord, "analyst" | "model" | "prompt_version" | "created_time"> {
  readonly verdict: Verdict;
}

/** Null where the analyst has no verdict on a spike, which then is not a decision. */
export type ReplayAnalyst = (input: SignalInput) => Judgement | null;

/** The rule model, as it decides live without a key. */
export const rulesAnalyst: ReplayAnalyst = (input) => ({
  verdict: { ...ruleVerdict(input), reason_code: "no_key" },
  created_time: input.minute + RULES_TAKE_MS,
  analyst: "rules",
  model: null,
  prompt_version: null,
});

/** The fields of a ledger record that a replay reads. */
export type RecordedSignal = Verdict &
  Pick<SignalRecord, "signal_id" | "minute" | "symbol" | "created_time" | "analyst" | "model" | "prompt_version">;

/** The recorded verdicts of a ledger by signal id, at their times. */
export function recordedAnalyst(records: readonly RecordedSignal[]): ReplayAnalyst {
  const byId = new Map(records.map((record) => [record.signal_id, record]));
  return ({ symbol, window, minute }) => {
    const record = byId.get(signalId(symbol, window, minute));
    if (record === undefined) return null;
    const { action, confidence, reason, reason_code, invalidation, created_time, analyst, model, prompt_version } = record;
    return { verdict: { action, confidence, reason, reason_code, invalidation }, created_time, analyst, model, prompt_version };
  };
}
