import { POSITION_SIDES } from "../../src/liquidation-fields.ts";
import { HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { layeredRange } from "../../src/windows/layered-range.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { addTotals } from "../../src/windows/totals.ts";
import type { VenueSideTotals } from "../../src/windows/window-statistics.ts";
import { TOTAL_COLUMNS, sumTotals } from "./total-columns.ts";
import { type Layer, boundsOf, layered } from "./layered-totals.ts";
import { rowsOf } from "./rows-of.ts";
import { readBlocks } from "./total-blocks.ts";

/** The totals of one venue and side in one step of a series, which is named by its start. */
export interface SeriesTotal extends VenueSideTotals {
  readonly time: number;
}

const TOTALS = TOTAL_COLUMNS.join(", ");

const MINUTES = `
  SELECT minute AS time, exchange, position_side, ${TOTALS} FROM minute_totals
  WHERE symbol = ?1 AND minute >= ?2 AND minute < ?3 ORDER BY minute, exchange, position_side LIMIT ?4`;

const ofSymbol = (step: "minute" | "hour" | "day"): Layer => ({ from: `${step}_totals`, time: step, where: "symbol = ?7" });
export const SYMBOL_LAYERS = { minute: ofSymbol("minute"), hour: ofSymbol("hour"), day: ofSymbol("day") };

/** The minutes of a changed hour are added up: every other row is one of a whole step. */
const HOURS_AND_DAYS = layered(SYMBOL_LAYERS, ({ time }) => `${time} AS time, exchange, position_side, ${TOTALS}`, {
  columns: `dirty_hour AS time, exchange, position_side, ${sumTotals}`,
  groupBy: "dirty_hour, exchange, position_side",
});

/**
 * The statement that reads the series of a symbol by minutes, hours or days; `range` spans whole steps. A step may come in
 * several rows, and hours and days in no order: `seriesTotalsOf` puts them together.
 */
export function seriesTotals(db: D1Database, symbol: string, stepMs: number, range: TimeRange, rows: number): D1PreparedStatement {
  if (stepMs === MINUTE_MS) return db.prepare(MINUTES).bind(symbol, range.start, range.end, rows);
  const bounds = boundsOf(layeredRange(range, stepMs === HOUR_MS ? "hour" : "day"));
  return db.prepare(`SELECT * FROM (${HOURS_AND_DAYS}) LIMIT ?8`).bind(...bounds, symbol, rows);
}

/** The totals of each step, venue and side, in order. */
export function seriesTotalsOf(result: D1Result | undefined, stepMs: number): readonly SeriesTotal[] {
  return addedUp(rowsOf<SeriesTotal>(result), stepMs);
}

/** The series over all base assets, whose units do not add up to anything. */
export async function seriesOfAll(db: D1Database, stepMs: number, range: TimeRange): Promise<readonly SeriesTotal[]> {
  const minutes = [range.start, range.end] as const;
  const onlyMinutes = { minutes, hours: [range.end, range.end], days: [range.end, range.end] } as const;
  const blocks = await readBlocks(db, stepMs === MINUTE_MS ? onlyMinutes : layeredRange(range, stepMs === HOUR_MS ? "hour" : "day"));
  const rows = blocks.flatMap(({ time, exchange, entries }) =>
    POSITION_SIDES.flatMap((side): readonly SeriesTotal[] => {
      const own = entries.filter(({ position_side }) => position_side === side);
      return own.length === 0 ? [] : [{ time, exchange, position_side: side, ...addTotals(own) }];
    }),
  );
  return addedUp(rows, stepMs).map((row) => ({ ...row, quantity: null }));
}

function addedUp(rows: readonly SeriesTotal[], stepMs: number): readonly SeriesTotal[] {
  const keyed = rows.map((row) => ({ ...row, time: floorTo(row.time, stepMs) }));
  const groups = Map.groupBy(keyed, ({ time, exchange, position_side: side }) => `${time} ${exchange} ${side}`);
  const sums = [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first, ...addTotals(group) }];
  });
  return sums.toSorted(
    (a, b) => a.time - b.time || (a.exchange < b.exchange ? -1 : a.exchange > b.exchange ? 1 : a.position_side < b.position_side ? -1 : 1),
  );
}
