import type { ChainHead } from "./hash-chain.ts";

/** The last decision and grade of the ledger when a UTC day had ended, to be kept where the ledger cannot be rewritten. */
export interface LedgerAnchor extends ChainHead {
  /** The UTC date that had ended, YYYY-MM-DD. */
  readonly date: string;
  /** The last grade; null in anchors from before grades were chained. */
  readonly grades_sequence: number | null;
  readonly grades_hash: string | null;
  /** Time at which it was read, ms. */
  readonly anchored_time: number;
}

/** The heads that an anchor names. */
export interface AnchoredHeads {
  readonly decisions: ChainHead;
  readonly grades: ChainHead | null;
}

/**
 * The anchor of a file in which one is kept: a day's manifest, as stored or as the API returns it, or a delivery of
 * `ledger.anchored`. Null where it holds none.
 */
export function anchorIn(json: unknown): AnchoredHeads | null {
  const content = fieldOf(json, "data") ?? json;
  const anchor = fieldOf(content, "ledger") ?? content;
  const decisions = headOf(fieldOf(anchor, "sequence"), fieldOf(anchor, "hash"));
  const [sequence, hash] = [fieldOf(anchor, "grades_sequence") ?? null, fieldOf(anchor, "grades_hash") ?? null];
  const isWithGrades = sequence !== null && hash !== null;
  const grades = isWithGrades ? headOf(sequence, hash) : null;
  return decisions === null || (isWithGrades && grades === null) ? null : { decisions, grades };
}

function headOf(sequence: unknown, hash: unknown): ChainHead | null {
  if (typeof sequence !== "number" || !Number.isSafeInteger(sequence) || sequence < 0) return null;
  return typeof hash === "string" && /^[0-9a-f]{64}$/.test(hash) ? { sequence, hash } : null;
}

/** The anchor of a text `SEQUENCE:HASH`; null where it is none. */
export function anchorOf(text: string): ChainHead | null {
  const [, place, hashed] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  return place === undefined || hashed === undefined ? null : { sequence: Number(place), hash: hashed };
}

/** Why a chain does not contain an anchor: it ends before it, or another record is in its place. */
export interface AnchorMismatch {
  readonly anchor: ChainHead;
  /** The hash that the chain has in its place; null where it ends before. */
  readonly found: string | null;
}

/**
 * Compares a chain with anchors.
 * @param hashes the hash of each anchored record of the chain, by its sequence number
 */
export function missingAnchors(anchors: readonly ChainHead[], hashes: ReadonlyMap<number, string>): readonly AnchorMismatch[] {
  return anchors.flatMap((anchor) => {
    const found = hashes.get(anchor.sequence) ?? null;
    return found === anchor.hash ? [] : [{ anchor, found }];
  });
}

function fieldOf(json: unknown, name: string): unknown {
  return typeof json === "object" && json !== null ? (json as Readonly<Record<string, unknown>>)[name] : undefined;
}
