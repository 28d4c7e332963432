import { readFile } from "node:fs/promises";
import { MarkBook } from "../../src/backtest/mark-book.ts";
import { GRADE_VERSION, type GivenGrade, type GradedAction, HORIZONS, entryMinute, givenGrade, gradeOf } from "../../src/grades/grade.ts";
import type { GradeRecord } from "../../src/grades/grade-ledger.ts";
import { endMinutes } from "../../src/grades/mark-path.ts";
import { TAKER_FEES_BPS, takerFees } from "../../src/grades/taker-fees.ts";
import { minutesBefore } from "../../src/grades/trading-cost.ts";
import { readMinuteMarks } from "../../src/parquet/decode.ts";
import { DAY_MS, floorTo } from "../../src/windows/calendar.ts";
import { loadParquet } from "../parquet-module.ts";

/** The part of a decision that its grades are computed from. */
export interface KeptDecision extends GradedAction {
  readonly symbol: string;
  readonly created_time: number;
  readonly minute: number;
}

/** The minute marks of some days. */
export interface GivenMarks {
  readonly book: MarkBook;
  /** The UTC days with a mark, ms. */
  readonly days: ReadonlySet<number>;
}

/**
 * Reads exported minute marks: daily files, or exports as Parquet.
 * @throws {Error} where a file is none
 */
export async function readGivenMarks(files: readonly string[]): Promise<GivenMarks> {
  if (files.length > 0) loadParquet();
  const book = new MarkBook();
  const days = new Set<number>();
  for (const file of files) {
    for (const mark of readMinuteMarks(new Uint8Array(await readFile(file)))) {
      book.put(mark);
      days.add(floorTo(mark.minute, DAY_MS));
    }
  }
  return { book, days };
}

/** Random times reach a year back, and the marks they were drawn from are kept by hour alone. */
const NOT_RECOMPUTED: ReadonlySet<keyof GivenGrade> = new Set(["graded_time", "random_net_return_bps", "random_hit_rate", "random_draws"]);

/** `agrees`, or why the grade is not recomputed, or the first field that differs. */
export type Recomputed =
  | { readonly kind: "agrees" | "marks_not_given" | "other_version" }
  | { readonly kind: "differs"; readonly field: string; readonly expected: string; readonly found: string };

/** Grades a decision again by given marks, with the taker fee that the grade itself states, and compares. */
export function recomputeGrade(grade: GradeRecord, decision: KeptDecision, { book, days }: GivenMarks): Recomputed {
  if (!isRecomputable(grade)) return { kind: "other_version" };
  const entry = entryMinute(decision);
  const end = endMinutes(entry + HORIZONS[grade.horizon]).end;
  for (let day = floorTo(minutesBefore(entry).start, DAY_MS); day < end; day += DAY_MS) {
    if (!days.has(day)) return { kind: "marks_not_given" };
  }
  const fee = grade.fee_bps === null ? null : grade.fee_bps / 2;
  const path = book.path(
    decision.symbol,
    entry,
    grade.horizon,
    Infinity,
    // A venue whose fee was not known then had no grades.
    takerFees((name) => (TAKER_FEES_BPS[name] === null && name !== grade.exchange ? null : fee)),
  );
  const again = givenGrade(path, typeof path === "string" ? null : gradeOf(decision, grade.horizon, path, []), grade.graded_time ?? 0);
  const expected = { ...again, version: grade.version };
  const names = (Object.keys(expected) as (keyof GivenGrade)[]).filter((name) => !NOT_RECOMPUTED.has(name));
  const field = names.find((name) => expected[name] !== grade[name]);
  return field === undefined
    ? { kind: "agrees" }
    : { kind: "differs", field, expected: String(expected[field]), found: String(grade[field]) };
}

/** Version 2 differs where a part of the cost is unknown, which it counted as 0, and nowhere else. */
function isRecomputable({ version, problem, spread_bps: spread, impact_10k_bps: impact, funding_bps: funding }: GradeRecord): boolean {
  if (version === GRADE_VERSION) return true;
  return version === 2 && (problem !== null || (spread !== null && impact !== null && funding !== null));
}
