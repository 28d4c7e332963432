import { sha256Hex } from "../sha256.ts";
import { type KnownTexts, canonicalJson } from "./canonical-json.ts";

/** The place of a record in a chain. */
export interface ChainPlace {
  /** 1 for the first, without holes. */
  readonly sequence: number;
  /** `hash` of the previous record; `GENESIS_HASH` in the first one. */
  readonly previous_hash: string;
  /** SHA-256 of the canonical JSON of all other fields. */
  readonly hash: string;
}

/** The last record of a part of a chain. */
export type ChainHead = Pick<ChainPlace, "sequence" | "hash">;

/** The previous hash of the first record. */
export const GENESIS_HASH = "0".repeat(64);
export const GENESIS: ChainHead = { sequence: 0, hash: GENESIS_HASH };

/**
 * Gives a record the place after a head.
 * @param known the canonical texts of objects in it
 */
export async function chained<Fields extends object>(fields: Fields, head: ChainHead, known?: KnownTexts): Promise<Fields & ChainPlace> {
  const record = { ...fields, sequence: head.sequence + 1, previous_hash: head.hash };
  return { ...record, hash: await recordHash(record, known) };
}

function recordHash(record: object, known?: KnownTexts): Promise<string> {
  return sha256Hex(canonicalJson(record, known));
}

/** A field that does not match. */
export interface FieldMismatch<Field extends string> {
  readonly field: Field;
  readonly expected: string;
  readonly found: string;
}

export type PlaceMismatch = FieldMismatch<keyof ChainPlace>;

/** The first field by which a record does not belong after a head; null where it does. */
export async function placeMismatch({ hash, ...record }: ChainPlace, head: ChainHead): Promise<PlaceMismatch | null> {
  const checks: readonly PlaceMismatch[] = [
    { field: "sequence", expected: String(head.sequence + 1), found: String(record.sequence) },
    { field: "previous_hash", expected: head.hash, found: record.previous_hash },
    { field: "hash", expected: await recordHash(record), found: hash },
  ];
  return checks.find(({ expected, found }) => expected !== found) ?? null;
}

/** The last record that matches, and the first that does not. */
export interface ChainCheck<Mismatch> {
  readonly head: ChainHead;
  readonly mismatch: Mismatch | null;
}

/**
 * Recomputes a chain over records in order, starting from the head before them.
 * @param mismatchOf the first mismatch of a record after a head
 */
export async function checkChain<Record extends ChainPlace, Mismatch>(
  records: readonly Record[],
  before: ChainHead,
  mismatchOf: (record: Record, head: ChainHead) => Promise<Mismatch | null>,
): Promise<ChainCheck<Mismatch>> {
  let head = before;
  for (const record of records) {
    const mismatch = await mismatchOf(record, head);
    if (mismatch !== null) return { head, mismatch };
    head = { sequence: record.sequence, hash: record.hash };
  }
  return { head, mismatch: null };
}
