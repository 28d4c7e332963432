import { EXCHANGES } from "../../src/liquidation-fields.ts";
import type { MinuteMark } from "../../src/minute-mark.ts";
import { HORIZONS, type Horizon } from "../../src/grades/grade.ts";
import { type MarkPath, type PathProblem, endMinutes, entryMark, markPath, pathRanges } from "../../src/grades/mark-path.ts";
import type { TakerFees } from "../../src/grades/taker-fees.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { rowsOf } from "../d1/rows-of.ts";

/** The minutes of all venues of the symbol ?1 from ?2 on and before ?3, oldest first. */
export const MARKS_OF_ALL_VENUES = `
  SELECT * FROM minute_marks
  WHERE symbol = ?1 AND exchange IN (${EXCHANGES.map((name) => `'${name}'`).join(", ")}) AND minute >= ?2 AND minute < ?3 ORDER BY minute`;
export const ONE_VENUE = "SELECT * FROM minute_marks WHERE symbol = ?1 AND exchange = ?4 AND minute >= ?2 AND minute < ?3 ORDER BY minute";
const EXTREMES = `SELECT max(high) AS high, min(low) AS low FROM (${ONE_VENUE})`;

/**
 * The path of a trade in D1: of one venue, from its entry in a minute at the earliest over a horizon, or why there is none.
 */
export async function readMarkPath(
  db: D1Database,
  symbol: string,
  minute: number,
  horizon: Horizon,
  fees: TakerFees,
): Promise<MarkPath | PathProblem> {
  const entry = entryMark(await readMarks(db, symbol, endMinutes(minute)), fees);
  if (typeof entry === "string") return entry;
  const { exchange } = entry;
  const ranges = pathRanges(entry, HORIZONS[horizon]);
  const inRange = (sql: string, { start, end }: TimeRange) => db.prepare(sql).bind(symbol, start, end, exchange);
  const [extremes, exits, before, ...funding] = await db.batch([
    inRange(EXTREMES, ranges.path),
    inRange(`${ONE_VENUE} LIMIT 1`, ranges.exit),
    inRange(ONE_VENUE, ranges.before),
    ...ranges.funding.map((range) => inRange(ONE_VENUE, range)),
  ]);
  const { high, low } = rowsOf<Pick<MinuteMark, "high" | "low">>(extremes)[0] ?? entry;
  const rows = {
    entry,
    before: rowsOf<MinuteMark>(before),
    exit: rowsOf<MinuteMark>(exits)[0],
    high,
    low,
    funding: funding.flatMap((result) => rowsOf<MinuteMark>(result)),
  };
  return markPath(rows, fees[exchange]);
}

/** The minutes of all venues in a range, oldest first. */
async function readMarks(db: D1Database, symbol: string, { start, end }: TimeRange): Promise<readonly MinuteMark[]> {
  return (await db.prepare(MARKS_OF_ALL_VENUES).bind(symbol, start, end).all<MinuteMark>()).results;
}
