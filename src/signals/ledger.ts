import { sha256Hex } from "../sha256.ts";
import { canonicalJson } from "./canonical-json.ts";
import { type ChainCheck, type ChainHead, type ChainPlace, type FieldMismatch, chained, checkChain, placeMismatch } from "./hash-chain.ts";
import type { SignalInput } from "./signal-input.ts";
import type { TriggerKind } from "./trigger.ts";
import type { Action, Analyst } from "./verdict.ts";

/** The version of the records that are written now: it says which fields a record has, and its hash covers them. */
export const RECORD_VERSION = 2;

/** The fields that records have since version 2. Earlier records have none of them, and their hashes do not cover them. */
export interface ForecastFields {
  readonly record_version: typeof RECORD_VERSION;
  /**
   * Probabilities that the price is higher and lower by more than the cost after 1 h, as stated by the model, mean over its
   * samples, 0 to 1; null where it stated none.
   */
  readonly p_up: number | null;
  readonly p_down: number | null;
  /** Their standard deviations over the samples; null with fewer than two. */
  readonly p_up_deviation: number | null;
  readonly p_down_deviation: number | null;
  /** Number of times the model was asked, and of its usable replies. */
  readonly samples_asked: number;
  readonly samples_used: number;
  /** Expected return after cost of the better of BUY and SELL, bps; null without a forecast of the model. */
  readonly expected_net_bps: number | null;
  /** The rule model's verdict on the same input, also where it did not decide; its action is `rule_action`. */
  readonly rule_version: string;
  readonly rule_confidence: number;
  /** Its probability that trading against the forced flow earns more than its cost; null where none was trained. */
  readonly rule_probability: number | null;
  readonly rule_reason: string;
}

/** Their names. */
export const FORECAST_FIELDS = [
  "record_version",
  "p_up",
  "p_down",
  "p_up_deviation",
  "p_down_deviation",
  "samples_asked",
  "samples_used",
  "expected_net_bps",
  "rule_version",
  "rule_confidence",
  "rule_probability",
  "rule_reason",
] as const satisfies readonly (keyof ForecastFields)[];

/**
 * What `paper` and `calibrated_probability` of a record follow from, with the records and grades before it. Earlier records
 * lack both, and their hashes do not cover them.
 */
export interface StandingFields {
  /** The wealth of the record that it belongs to, when it was made. */
  readonly wealth: number;
  /** Number of the last grade of the chain that was known then; 0 for none. */
  readonly grades_known: number;
}

/** Their names. */
export const STANDING_FIELDS = ["wealth", "grades_known"] as const satisfies readonly (keyof StandingFields)[];

/** Why a decision was asked for. Earlier records lack it, and their hashes do not cover it. */
export interface TriggerFields {
  readonly trigger: TriggerKind;
}

/** Its name. */
export const TRIGGER_FIELDS = ["trigger"] as const satisfies readonly (keyof TriggerFields)[];

/** A decision in the ledger. Times in ms. */
export interface SignalRecord extends ChainPlace, Partial<ForecastFields>, Partial<StandingFields>, Partial<TriggerFields> {
  readonly signal_id: string;
  /** Time of the decision; `minute` is the scheduled minute. */
  readonly created_time: number;
  readonly minute: number;
  readonly symbol: string;
  readonly window: string;
  readonly action: Action;
  /** Probability in percent that the action earns more than its cost, as stated by the analyst; 0 for NOTHING. */
  readonly confidence: number;
  /**
   * Share of graded decisions with similar confidence that earned more than their cost; null until enough are graded,
   * and for NOTHING.
   */
  readonly calibrated_probability: number | null;
  /** True while the record of the analyst, model and prompt does not show that it earns: do not act on it. */
  readonly paper: boolean;
  readonly reason: string;
  /** Reason why the model did not decide; null where it did. */
  readonly reason_code: string | null;
  readonly invalidation: string | null;
  readonly long_change_pct: number | null;
  readonly short_change_pct: number | null;
  /** The exact input; null only where the stored text is not valid JSON, which the hashes reveal. */
  readonly statistics: SignalInput | null;
  readonly analyst: Analyst;
  readonly model: string | null;
  readonly prompt_version: string | null;
  readonly rule_action: Action;
  /** SHA-256 of the canonical JSON of `statistics`. */
  readonly input_hash: string;
}

/** A record before it gets its place in the ledger. */
export type UnsealedRecord = Omit<SignalRecord, "sequence" | "input_hash" | "previous_hash" | "hash">;

/** A decision of now, with all fields. */
export type Decision = UnsealedRecord & ForecastFields & StandingFields & TriggerFields;

/** Seals a decision: gives it the place after a head. */
export async function sealDecision(decision: UnsealedRecord, head: ChainHead): Promise<SignalRecord> {
  const { statistics } = decision;
  const text = canonicalJson(statistics);
  const known = statistics === null ? undefined : new Map([[statistics, text]]);
  return chained({ ...decision, input_hash: await sha256Hex(text) }, head, known);
}

/** The first record that does not match, and its field. */
export interface LedgerMismatch extends FieldMismatch<keyof ChainPlace | "input_hash"> {
  readonly sequence: number;
  readonly signal_id: string;
}

/** Recomputes the chain over records in order, starting from the head before them. */
export function checkLedger(records: readonly SignalRecord[], before: ChainHead): Promise<ChainCheck<LedgerMismatch>> {
  return checkChain(records, before, mismatchOf);
}

/** The same without the fields that an earlier record does not have, which a table shows as null. */
export function withoutAbsent<
  Fields extends { readonly record_version?: unknown; readonly grades_known?: unknown; readonly trigger?: unknown },
>(record: Fields): Fields {
  const absent: ReadonlySet<string> = new Set([
    ...(isUnknown(record.record_version) ? FORECAST_FIELDS : []),
    ...(isUnknown(record.grades_known) ? STANDING_FIELDS : []),
    ...(isUnknown(record.trigger) ? TRIGGER_FIELDS : []),
  ]);
  if (absent.size === 0) return record;
  return Object.fromEntries(Object.entries(record).filter(([name, value]) => !isUnknown(value) || !absent.has(name))) as Fields;
}

function isUnknown(value: unknown): boolean {
  return value === null || value === undefined;
}

async function mismatchOf(stored: SignalRecord, head: ChainHead): Promise<LedgerMismatch | null> {
  const record = withoutAbsent(stored);
  const { sequence, signal_id } = record;
  const place = await placeMismatch(record, head);
  // An edit of the input shows in both hashes; its own names the place.
  const input = { expected: await sha256Hex(canonicalJson(record.statistics)), found: record.input_hash };
  const isInput = (place === null || place.field === "hash") && input.expected !== input.found;
  const mismatch = isInput ? { field: "input_hash" as const, ...input } : place;
  return mismatch === null ? null : { sequence, signal_id, ...mismatch };
}
