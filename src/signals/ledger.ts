import { sha256Hex } from "../sha256.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { SignalInput } from "./signal-input.ts";
import type { Action, Analyst } from "./verdict.ts";

/** A decision as the ledger keeps it. Times in ms. */
export interface SignalRecord {
  /** 1 for the first, without a hole. */
  readonly sequence: number;
  readonly signal_id: string;
  /** When it was decided; `minute` is when it was due. */
  readonly created_time: number;
  readonly minute: number;
  readonly symbol: string;
  readonly window: string;
  readonly action: Action;
  /** 0 to 100, the analyst's own word. */
  readonly confidence: number;
  /** Share of graded decisions of like confidence that came true; null until enough are graded, and for NOTHING. */
  readonly calibrated_probability: number | null;
  /** True while the record does not show skill: not to be acted on. */
  readonly paper: boolean;
  readonly reason: string;
  /** Why the model did not decide; null where it did. */
  readonly reason_code: string | null;
  readonly invalidation: string | null;
  readonly long_change_pct: number | null;
  readonly short_change_pct: number | null;
  /** The exact input; null only where what is kept is no JSON any more, which the hashes show. */
  readonly statistics: SignalInput | null;
  readonly analyst: Analyst;
  readonly model: string | null;
  readonly prompt_version: string | null;
  readonly rule_action: Action;
  /** SHA-256 of the canonical JSON of `statistics`. */
  readonly input_hash: string;
  /** `hash` of the record before; of the first, `GENESIS_HASH`. */
  readonly previous_hash: string;
  /** SHA-256 of the canonical JSON of all other fields. */
  readonly hash: string;
}

/** What is decided before the ledger gives it a place. */
export type Decision = Omit<SignalRecord, "sequence" | "input_hash" | "previous_hash" | "hash">;

/** What the first record has for the hash before it. */
export const GENESIS_HASH = "0".repeat(64);

/** The last record of a stretch of the ledger. */
export interface LedgerHead {
  readonly sequence: number;
  readonly hash: string;
}
export const GENESIS: LedgerHead = { sequence: 0, hash: GENESIS_HASH };

/** Gives a decision its place after a head. */
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

/** The first record that does not fit, and the field that shows it. */
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
 * Recomputes the chain over records in order, from the head before them.
 * @returns the last record that fits and the first that does not
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
