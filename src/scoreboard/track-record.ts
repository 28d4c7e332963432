import type { Calibration } from "./calibration.ts";
import type { SignalRecord, StandingFields } from "../signals/ledger.ts";
import { type MutingDecision, type MutingState, NEW_RECORD, afterDecisions } from "./muting.ts";

/** Whose record a decision belongs to. Another model or wording of the prompt starts a new one. */
export type RecordKey = Pick<SignalRecord, "analyst" | "model" | "prompt_version">;

/** The key as text. */
export function recordName({ analyst, model, prompt_version }: RecordKey): string {
  return JSON.stringify([analyst, model, prompt_version]);
}

/** A BUY or SELL decision of a record. */
export interface RecordedDecision extends MutingDecision {
  readonly sequence: number;
}

/** The settled part of a record, and the sequence number of its last settled decision, 0 for none. */
export interface SettledRecord {
  readonly state: MutingState;
  readonly sequence: number;
}

export const UNSETTLED: SettledRecord = { state: NEW_RECORD, sequence: 0 };

/** @param decisions the next ones of the record after its settled ones, in ledger order */
export function settled(record: SettledRecord, decisions: readonly RecordedDecision[]): SettledRecord {
  const { state, settled: count } = afterDecisions(record.state, decisions);
  return { state, sequence: decisions[count - 1]?.sequence ?? record.sequence };
}

/** What an analyst's record says of its next decision. */
export interface Standing extends StandingFields {
  /** Whether its decisions are on paper only. */
  readonly paper: boolean;
  readonly calibrate: Calibration;
}

export function standingOf({ state }: SettledRecord, gradesKnown: number, calibrate: Calibration): Standing {
  return { paper: state.muted, wealth: state.wealth, grades_known: gradesKnown, calibrate };
}

/** A BUY or SELL that counts in a record: the decision itself, or that of the rule model beside a language model. */
export interface Trade {
  readonly key: RecordKey;
  readonly confidence: number;
  /** Whose net return of the grade is its outcome. */
  readonly of: "analyst" | "rule";
}

type TradingRecord = RecordKey &
  Pick<SignalRecord, "action" | "confidence" | "reason_code" | "rule_action" | "rule_version" | "rule_confidence">;

/** The records that a decision counts in. */
export function tradesOf(record: TradingRecord): readonly Trade[] {
  const { analyst, model, prompt_version, action, confidence } = record;
  const own: Trade = { key: { analyst, model, prompt_version }, confidence, of: "analyst" };
  const beside = rulesBeside(record);
  return [...(action === "NOTHING" ? [] : [own]), ...(beside === null || record.rule_action === "NOTHING" ? [] : [beside])];
}

/** The rule model's own record of a decision that another analyst made in time; null where there is none. */
export function rulesBeside({ analyst, reason_code: code, rule_version: version, rule_confidence }: TradingRecord): Trade | null {
  if (analyst === "rules" || code === "late" || code === "interrupted" || version === null || version === undefined) return null;
  return { key: { analyst: "rules", model: version, prompt_version: null }, confidence: rule_confidence ?? 0, of: "rule" };
}
