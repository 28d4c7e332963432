import { sha256Hex } from "../sha256.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { SignalInput } from "./signal-input.ts";
import type { Action, Analyst } from "./verdict.ts";

/** A decision in the ledger. Times in ms. */
export interface SignalRecord {
  /** Place in the ledger: 1 for the first, without holes. */
  readonly sequence: number;
  readonly signal_id: string;
  /** Time of the decision; `minute` is the scheduled minute. */
  readonly created_time: number;
  readonly minute: number;
  readonly symbol: string;
  readonly window: string;
  readonly action: Action;
  /** Probability in percent, as stated by the analyst. */
  readonly confidence: number;
  /**
   * Share of graded decisions with similar confidence that earned more than their cost; null until enough are graded,
   * and for NOTHING.
   */
  readonly calibrated_probability: number | null;
  /** True while the track record does not show skill: do not act on it. */
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
  /** `hash` of the previous record; `GENESIS_HASH` in the first one. */
  readonly previous_hash: string;
  /** SHA-256 of the canonical JSON of all other fields. */
  readonly hash: string;
}

/** A decision before it gets its place in the ledger. */
export type Decision = Omit<SignalRecord, "sequence" | "input_hash" | "previous_hash" | "hash">;

/** The previous hash of the first record. */
export const GENESIS_HASH = "0".repeat(64);

/** The last record of a part of the ledger. */
export interface LedgerHead {
  readonly sequence: number;
  readonly hash: string;
}
export const GENESIS: LedgerHead = { sequence: 0, hash: GENESIS_HASH };

/** Seals a decision: gives it the place after a head. */
export async function sealDecision(decision: Decision, head: LedgerHead): Promise<SignalRecord> {
  const record = {
    ...decision,
    sequence: head.sequence + 1,
    input_hash: await sha256Hex(canonicalJson(decision.statistics)),
    previous_hash: head.hash,
  };
  return { ...record, hash: await recordHash(record) };
}

function recordHash(record: Omit<SignalRecord, "hash">): Promise<string> {
  return sha256Hex(canonicalJson(record));
}

/** The first record that does not match, and its field. */
export interface LedgerMismatch {
  readonly sequence: number;
  readonly signal_id: string;
  readonly field: "sequence" | "previous_hash" | "input_hash" | "hash";
  readonly expected: string;
  readonly found: string;
}

export type LedgerCheck =
  | { readonly head: LedgerHead; readonly mismatch: null }
  | { readonly head: LedgerHead; readonly mismatch: LedgerMismatch };

/**
 * Recomputes the chain over records in order, starting from the head before them.
 * @returns the last record that matches and the first that does not
 */
export async function checkLedger(records: readonly SignalRecord[], before: LedgerHead): Promise<LedgerCheck> {
  let head = before;
  for (const record of records) {
    const mismatch = await mismatchOf(record, head);
    if (mismatch !== null) return { head, mismatch };
    head = { sequence: record.sequence, hash: record.hash };
  }
  return { head, mismatch: null };
}

async function mismatchOf({ hash, ...record }: SignalRecord, head: LedgerHead): Promise<LedgerMismatch | null> {
  const { sequence, signal_id } = record;
  const checks: readonly (readonly [LedgerMismatch["field"], string, string])[] = [
    ["sequence", String(head.sequence + 1), String(sequence)],
    ["previous_hash", head.hash, record.previous_hash],
    ["input_hash", await sha256Hex(canonicalJson(record.statistics)), record.input_hash],
    ["hash", await recordHash(record), hash],
  ];
  const bad = checks.find(([, expected, found]) => expected !== found);
  return bad === undefined ? null : { sequence, signal_id, field: bad[0], expected: bad[1], found: bad[2] };
}
