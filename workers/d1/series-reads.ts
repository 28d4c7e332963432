import { POSITION_SIDES } from "../../src/liquidation-fields.ts";
import { HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { type LayeredRange, layeredRange } from "../../src/windows/layered-range.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { addTotals } from "../../src/windows/totals.ts";
import type { VenueSideTotals } from "../../src/windows/window-statistics.ts";
import { readSymbolTotals } from "./symbol-blocks.ts";
import { readBlocks } from "./total-blocks.ts";

/** The totals of one venue and side in one step of a series, which is named by its start. */
export interface SeriesTotal extends VenueSideTotals {
  readonly time: number;
}

/** The series of a symbol by minutes, hours or days, in order; `range` spans whole steps. */
export async function seriesOf(db: D1Database, symbol: string, stepMs: number, range: TimeRange): Promise<readonly SeriesTotal[]> {
  return addedUp(await readSymbolTotals(db, symbol, stepsOf(range, stepMs)), stepMs);
}

/** The series over all base assets, whose units do not add up to anything. */
export async function seriesOfAll(db: D1Database, stepMs: number, range: TimeRange): Promise<readonly SeriesTotal[]> {
  const blocks = await readBlocks(db, stepsOf(range, stepMs));
  const rows = blocks.flatMap(({ time, exchange, entries }) =>
    POSITION_SIDES.flatMap((side): readonly SeriesTotal[] => {
      const own = entries.filter(({ position_side }) => position_side === side);
      return own.length === 0 ? [] : [{ time, exchange, position_side: side, ...addTotals(own) }];
    }),
  );
  return addedUp(rows, stepMs).map((row) => ({ ...row, quantity: null }));
}

/** The range in steps no coarser than these. */
function stepsOf(range: TimeRange, stepMs: number): LayeredRange {
  if (stepMs !== MINUTE_MS) return layeredRange(range, stepMs === HOUR_MS ? "hour" : "day");
  const { start, end } = range;
  return { minutes: [start, end], hours: [end, end], days: [end, end] };
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
