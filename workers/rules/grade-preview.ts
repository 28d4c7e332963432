import { HEADLINE_HORIZON, HORIZONS, entryMinute } from "../../src/grades/grade.ts";
import { type MarkPath, type PathProblem, endMinutes, entryMark, markPath, pathRanges } from "../../src/grades/mark-path.ts";
import type { TakerFees } from "../../src/grades/taker-fees.ts";
import type { MinuteMark } from "../../src/minute-mark.ts";
import { type SideGrade, sideGrade } from "../../src/rules/preview-grades.ts";
import type { RuleEvent } from "../../src/rules/rule-machine.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { rowsOf } from "../d1/rows-of.ts";
import { MARKS_OF_ALL_VENUES, ONE_VENUE } from "../signals/mark-paths.ts";

/** The latest times that a rule fired which are graded: each reads some 200 minutes. */
export const MAX_GRADED = 100;
const HORIZON_MS = HORIZONS[HEADLINE_HORIZON];

/**
 * The path of a trade over an hour from each time that a rule fired, in the same order: of the venue, with the cost and by the
 * entry of a decision that is made then.
 */
export async function firedPaths(
  db: D1Database,
  fired: readonly Pick<RuleEvent, "symbol" | "time">[],
  fees: TakerFees,
): Promise<readonly (MarkPath | PathProblem)[]> {
  if (fired.length === 0) return [];
  const entries = await db.batch(
    fired.map(({ symbol, time }) => {
      const { start, end } = endMinutes(entryMinute({ created_time: time, minute: time }));
      return db.prepare(MARKS_OF_ALL_VENUES).bind(symbol, start, end);
    }),
  );
  const found = entries.map((result) => entryMark(rowsOf<MinuteMark>(result), fees));
  const entered = found.filter((entry) => typeof entry !== "string");
  if (entered.length === 0) return found.filter((entry) => typeof entry === "string");
  const results = await db.batch(
    entered.flatMap((entry) => {
      const { path, before, exit } = pathRanges(entry, HORIZON_MS);
      return [before, { start: path.start, end: exit.end }].map(({ start, end }) =>
        db.prepare(ONE_VENUE).bind(entry.symbol, start, end, entry.exchange),
      );
    }),
  );
  const paths = entered.map((entry, index) => pathOf(entry, rowsOf(results[2 * index]), rowsOf(results[2 * index + 1]), fees));
  let next = 0;
  return found.map((entry) => {
    if (typeof entry === "string") return entry;
    next += 1;
    return paths[next - 1] ?? "no_exit_mark";
  });
}

function pathOf(entry: MinuteMark, before: readonly MinuteMark[], after: readonly MinuteMark[], fees: TakerFees): MarkPath | PathProblem {
  const { path, exit, funding } = pathRanges(entry, HORIZON_MS);
  const held = after.filter(isIn(path));
  const all = [...before, ...after];
  const rows = {
    entry,
    before,
    exit: after.find(isIn(exit)),
    high: Math.max(entry.high, ...held.map(({ high }) => high)),
    low: Math.min(entry.low, ...held.map(({ low }) => low)),
    funding: funding.flatMap((range) => all.filter(isIn(range))),
  };
  return markPath(rows, fees[entry.exchange]);
}

function isIn({ start, end }: TimeRange): (mark: MinuteMark) => boolean {
  return ({ minute }) => minute >= start && minute < end;
}

const OF_ANALYST = `
  SELECT entry_time AS time, net_return_bps AS net FROM spike_history CROSS JOIN signal_grades USING (signal_id)
  WHERE minute >= ?1 AND minute < ?2 AND symbol IN (SELECT value FROM json_each(?3))
    AND horizon = '${HEADLINE_HORIZON}' AND net_return_bps IS NOT NULL`;

/** Grades of the decisions that the analyst made in the same time for the same base assets. */
export async function analystGrade(db: D1Database, symbols: readonly string[], { start, end }: TimeRange): Promise<SideGrade> {
  const { results } = await db.prepare(OF_ANALYST).bind(start, end, JSON.stringify(symbols)).all<{ time: number; net: number }>();
  return sideGrade(results);
}
