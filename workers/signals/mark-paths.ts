import { HORIZONS, type Horizon, MARK_TOLERANCE_MS, type MarkPath } from "../../src/signals/grade.ts";

/** The first mark at or after a minute, if there is one soon enough. */
const FIRST = `
  SELECT minute, open FROM minute_marks
  WHERE minute >= ?2 AND minute <= ?2 + ${MARK_TOLERANCE_MS} AND symbol = ?1 ORDER BY minute LIMIT 1`;
const EXTREMES = "SELECT max(high) AS high, min(low) AS low FROM minute_marks WHERE minute >= ?2 AND minute < ?3 AND symbol = ?1";

interface Mark {
  readonly minute: number;
  readonly open: number;
}

export interface TimedPath extends MarkPath {
  readonly entryTime: number;
  readonly exitTime: number;
}

/** The path of the mark from the first one at or after a minute over a horizon, or which end of it has no mark. */
export async function markPath(
  db: D1Database,
  symbol: string,
  minute: number,
  horizon: Horizon,
): Promise<TimedPath | "no_entry_mark" | "no_exit_mark"> {
  const entry = await db.prepare(FIRST).bind(symbol, minute).first<Mark>();
  if (entry === null) return "no_entry_mark";
  const [exits, extremes] = await db.batch([
    db.prepare(FIRST).bind(symbol, entry.minute + HORIZONS[horizon]),
    db.prepare(EXTREMES).bind(symbol, entry.minute, entry.minute + HORIZONS[horizon]),
  ]);
  const exit = exits?.results[0] as Mark | undefined;
  const range = extremes?.results[0] as { readonly high: number; readonly low: number } | undefined;
  if (exit === undefined || range === undefined) return "no_exit_mark";
  return {
    entry: entry.open,
    exit: exit.open,
    high: Math.max(range.high, exit.open),
    low: Math.min(range.low, exit.open),
    entryTime: entry.minute,
    exitTime: exit.minute,
  };
}
