import { z } from "zod";
import type { LedgerHead } from "./ledger.ts";

/** The last record of the ledger when a UTC day had ended, to be kept where the ledger cannot be rewritten. */
export interface LedgerAnchor extends LedgerHead {
  /** The UTC date that had ended, YYYY-MM-DD. */
  readonly date: string;
  /** Time at which it was read, ms. */
  readonly anchored_time: number;
}

const head = z.object({ sequence: z.int().nonnegative(), hash: z.string().regex(/^[0-9a-f]{64}$/) });

/**
 * The anchor of a file in which one is kept: a day's manifest, as stored or as the API returns it, or a delivery of
 * `ledger.anchored`. Null where it holds none.
 */
export function anchorIn(json: unknown): LedgerHead | null {
  const data = fieldOf(json, "data") ?? json;
  const anchor = head.safeParse(fieldOf(data, "ledger") ?? data);
  return anchor.success ? anchor.data : null;
}

/** The anchor of a text `SEQUENCE:HASH`; null where it is none. */
export function anchorOf(text: string): LedgerHead | null {
  const [, sequence, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  return sequence === undefined || hash === undefined ? null : { sequence: Number(sequence), hash };
}

/** Why a ledger does not contain an anchor: it ends before it, or another record is in its place. */
export interface AnchorMismatch {
  readonly anchor: LedgerHead;
  /** The hash that the ledger has in its place; null where it ends before. */
  readonly found: string | null;
}

/**
 * Compares a ledger with anchors.
 * @param hashes the hash of each anchored record of the ledger, by its sequence number
 */
export function missingAnchors(anchors: readonly LedgerHead[], hashes: ReadonlyMap<number, string>): readonly AnchorMismatch[] {
  return anchors.flatMap((anchor) => {
    const found = hashes.get(anchor.sequence) ?? null;
    return found === anchor.hash ? [] : [{ anchor, found }];
  });
}

function fieldOf(json: unknown, name: string): unknown {
  return typeof json === "object" && json !== null ? (json as Readonly<Record<string, unknown>>)[name] : undefined;
}
