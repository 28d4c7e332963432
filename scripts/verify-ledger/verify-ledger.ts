import type { GradeMismatch } from "../../src/grades/grade-ledger.ts";
import type { StandingMismatch } from "../../src/scoreboard/check-standing.ts";
import { type ChainVerdict, type LedgerPages, verifyLedger as verifyPages } from "../../src/scoreboard/verify-ledger.ts";
import type { AnchoredHeads } from "../../src/signals/ledger-anchor.ts";
import type { LedgerMismatch } from "../../src/signals/ledger.ts";
import { dominantSide } from "../../src/signals/signal-input.ts";
import { type GivenMarks, type KeptDecision, recomputeGrade } from "./recompute-grades.ts";

/** What was found: lines to print, and whether everything matches. */
export interface Verdict {
  readonly lines: readonly string[];
  readonly matches: boolean;
}

/** Verifies a ledger: both chains, the anchors, what `paper` follows from, and where marks are given the grades themselves. */
export async function verifyLedger(pages: LedgerPages, anchors: readonly AnchoredHeads[], marks: GivenMarks): Promise<Verdict> {
  const kept = new Map<string, KeptDecision>();
  const regraded = { agrees: 0, marks_not_given: 0, other_version: 0 };
  const wrong: string[] = [];
  const verdict = await verifyPages(pages, anchors, {
    decision({ statistics, signal_id, symbol, created_time, minute, action, rule_action, hash }) {
      const side = statistics === null ? null : (dominantSide(statistics)?.side ?? null);
      kept.set(signal_id, { symbol, created_time, minute, action, rule_action, hash, side });
    },
    grade(grade) {
      const decision = kept.get(grade.signal_id);
      if (decision === undefined) return;
      const again = recomputeGrade(grade, decision, marks);
      if (again.kind !== "differs") regraded[again.kind] += 1;
      else
        wrong.push(`${nameOf(grade)} does not follow from the marks: ${again.field} is ${again.found}, but should be ${again.expected}.`);
    },
  });
  const { decisions, grades, orphans, standings } = verdict;
  const lines = [
    ...chainLines("record", decisions),
    ...chainLines("grade", grades),
    ...(marks.days.size === 0
      ? []
      : [
          `${regraded.agrees} grades follow from the marks; ${regraded.marks_not_given} need marks of days that were not given` +
            (regraded.other_version === 0 ? "." : `, ${regraded.other_version} are of another version.`),
        ]),
    ...orphans.map((grade) => `${nameOf(grade)} is of a decision with the hash ${grade.signal_hash}, which the ledger does not have.`),
    ...wrong,
    ...standings.map(standingLine),
  ];
  return { lines, matches: verdict.matches && wrong.length === 0 };
}

function nameOf({ sequence, signal_id, horizon }: Pick<GradeMismatch, "sequence" | "signal_id" | "horizon">): string {
  return `Grade ${sequence} (${signal_id}, ${horizon})`;
}

function standingLine({ sequence, signal_id, expected, found }: StandingMismatch): string {
  return `Record ${sequence} (${signal_id}) does not follow from the grades before it: it has ${claim(found)}, but should have ${claim(expected)}.`;
}

function claim({ paper, wealth }: StandingMismatch["found"]): string {
  return `paper ${paper} at a wealth of ${wealth}`;
}

function chainLines(
  what: "record" | "grade",
  { head, mismatch, anchors, missing }: ChainVerdict<LedgerMismatch | GradeMismatch>,
): readonly string[] {
  if (mismatch !== null) {
    const { sequence, signal_id, field, expected, found } = mismatch;
    const name = "horizon" in mismatch ? nameOf(mismatch) : `Record ${sequence} (${signal_id})`;
    return [`${name} does not match: ${field} is ${found}, but should be ${expected}.`];
  }
  const chain = what === "record" ? "ledger" : "chain of grades";
  return [
    `${head.sequence} ${what}s match. The last one has the hash ${head.hash}.`,
    ...(anchors === 0 ? [] : [`${anchors - missing.length} of ${anchors} anchors are in the ${chain}.`]),
    ...missing.map(({ anchor, found }) => {
      const named = `an anchor names ${what} ${anchor.sequence} with the hash ${anchor.hash}`;
      if (found === null) return `The ${chain} was cut: it ends at ${what} ${head.sequence}, but ${named}.`;
      return `The ${chain} was recomputed: ${what} ${anchor.sequence} has the hash ${found}, but ${named}.`;
    }),
  ];
}
