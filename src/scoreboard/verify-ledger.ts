import { HEADLINE_HORIZON } from "../grades/grade-times.ts";
import { type GradeMismatch, type GradeRecord, checkGrades } from "../grades/grade-ledger.ts";
import { type ChainCheck, type ChainHead, type ChainPlace, GENESIS } from "../signals/hash-chain.ts";
import { type AnchorMismatch, type AnchoredHeads, missingAnchors } from "../signals/ledger-anchor.ts";
import { type LedgerMismatch, type SignalRecord, checkLedger } from "../signals/ledger.ts";
import { type KnownGrade, type StandingMismatch, type StandingRecord, standingMismatches } from "./check-standing.ts";

/** A ledger: its decisions with their inputs, and its grades, each chain in its order, page by page. */
export interface LedgerPages {
  readonly decisions: AsyncIterable<readonly SignalRecord[]>;
  readonly grades: AsyncIterable<readonly GradeRecord[]>;
}

/** What was found in a chain. */
export interface ChainVerdict<Mismatch> extends ChainCheck<Mismatch> {
  /** How many anchors were compared, and those that the chain does not hold. */
  readonly anchors: number;
  readonly missing: readonly AnchorMismatch[];
}

export interface LedgerVerdict {
  readonly matches: boolean;
  readonly decisions: ChainVerdict<LedgerMismatch>;
  readonly grades: ChainVerdict<GradeMismatch>;
  /** Grades of a decision that the ledger does not have under this hash. */
  readonly orphans: readonly Pick<GradeRecord, "sequence" | "signal_id" | "horizon" | "signal_hash">[];
  readonly standings: readonly StandingMismatch[];
}

/** Called with every record that matches; grades of unknown decisions are left out. */
export interface LedgerReader {
  readonly decision?: (record: SignalRecord) => void;
  readonly grade?: (record: GradeRecord) => void;
}

/** Verifies a ledger: both chains, the anchors, and what `paper` follows from. The decisions are read before the grades. */
export async function verifyLedger(
  pages: LedgerPages,
  anchors: readonly AnchoredHeads[],
  reader: LedgerReader = {},
): Promise<LedgerVerdict> {
  const hashes = new Map<string, string>();
  const records: StandingRecord[] = [];
  const known = new Map<string, KnownGrade>();
  const orphans: GradeRecord[] = [];
  const anchoredDecisions = anchors.map((anchor) => anchor.decisions);
  const decisions = await verifyChain(pages.decisions, checkLedger, anchoredDecisions, (record) => {
    const { statistics: _input, ...rest } = record;
    records.push(rest);
    hashes.set(record.signal_id, record.hash);
    reader.decision?.(record);
  });
  const anchoredGrades = anchors.flatMap((anchor) => anchor.grades ?? []);
  const grades = await verifyChain(pages.grades, checkGrades, anchoredGrades, (grade) => {
    if (grade.horizon === HEADLINE_HORIZON) known.set(grade.signal_id, grade);
    if (hashes.get(grade.signal_id) === grade.signal_hash) reader.grade?.(grade);
    // After a mismatch in the decisions, those behind it were not read.
    else if (decisions.mismatch === null) orphans.push(grade);
  });
  const standings = decisions.mismatch === null && grades.mismatch === null ? standingMismatches(records, known) : [];
  const matches = [decisions, grades].every(isWhole) && orphans.length + standings.length === 0;
  return { matches, decisions, grades, orphans, standings };
}

function isWhole({ mismatch, missing }: ChainVerdict<unknown>): boolean {
  return mismatch === null && missing.length === 0;
}

/** @param each called with every record that matches */
async function verifyChain<Record extends ChainPlace, Mismatch>(
  pages: AsyncIterable<readonly Record[]>,
  check: (records: readonly Record[], before: ChainHead) => Promise<ChainCheck<Mismatch>>,
  anchors: readonly ChainHead[],
  each: (record: Record) => void,
): Promise<ChainVerdict<Mismatch>> {
  let head = GENESIS;
  const anchored = new Set(anchors.map(({ sequence }) => sequence));
  const hashes = new Map([[GENESIS.sequence, GENESIS.hash]]);
  for await (const records of pages) {
    const checked = await check(records, head);
    head = checked.head;
    for (const record of records.filter(({ sequence }) => sequence <= checked.head.sequence)) {
      if (anchored.has(record.sequence)) hashes.set(record.sequence, record.hash);
      each(record);
    }
    if (checked.mismatch !== null) return { ...checked, anchors: anchors.length, missing: [] };
  }
  return { head, mismatch: null, anchors: anchors.length, missing: missingAnchors(anchors, hashes) };
}
