import type { Config } from "../../../src/config.ts";
import { EXCHANGES, POSITION_SIDES } from "../../../src/liquidation-fields.ts";
import type { TimeRange } from "../../../src/windows/range-parts.ts";
import { type SeriesTotal, seriesOf, seriesOfAll } from "../../d1/series-reads.ts";
import { type TotalsInterval, readTotals } from "../../supabase/read-totals.ts";

/** Maximum number of rows per step. */
const ROWS_PER_STEP = EXCHANGES.length * POSITION_SIDES.length;

export interface Series {
  /** Null for all. */
  readonly symbol: string | null;
  readonly interval: TotalsInterval;
  readonly stepMs: number;
  /** Whole steps. */
  readonly range: TimeRange;
}

/** One step of a series: its start, and its totals per venue and side. */
export interface Step {
  readonly time: number;
  readonly rows: readonly SeriesTotal[];
}

/**
 * Reads the first steps of a series that have events, oldest first. Steps before the border come from the archive, the
 * others from D1; the border is the start of a step.
 */
export async function readSteps(db: D1Database, config: Config, series: Series, border: number, limit: number): Promise<readonly Step[]> {
  const { start, end } = series.range;
  const archived = await stepsInSupabase(config, { ...series, range: { start, end: Math.min(border, end) } }, limit);
  const hot = { start: Math.max(border, start), end };
  if (archived.length === limit || hot.start >= hot.end) return archived;
  return [...archived, ...(await stepsInD1(db, { ...series, range: hot }, limit - archived.length))];
}

/** Each statement covers only as much of the range as the page is likely to need. */
async function stepsInD1(db: D1Database, { symbol, stepMs, range }: Series, limit: number): Promise<readonly Step[]> {
  const steps: Step[] = [];
  let length = limit * stepMs;
  for (let start = range.start; start < range.end && steps.length < limit; length *= 2) {
    const part = { start, end: Math.min(start + length, range.end) };
    const rows = symbol === null ? await seriesOfAll(db, stepMs, part) : await seriesOf(db, symbol, stepMs, part);
    steps.push(...byStep(rows, limit - steps.length));
    start = part.end;
  }
  return steps;
}

/** The archive sums events on every request, so each request covers only as much of the range as the page is likely to need. */
async function stepsInSupabase(config: Config, { symbol, interval, stepMs, range }: Series, limit: number): Promise<readonly Step[]> {
  const steps: Step[] = [];
  let length = limit * stepMs;
  for (let start = range.start; start < range.end && steps.length < limit; length *= 2) {
    const end = Math.min(start + length, range.end);
    const left = limit - steps.length;
    const page = await readTotals(config, { interval, start, end, symbol, exchange: null, limit: left * ROWS_PER_STEP, after: null });
    steps.push(...byStep(page.rows, left));
    start = end;
  }
  return steps;
}

/** Groups rows into steps. The limit on rows was chosen so that the last of these steps is complete. */
function byStep(rows: readonly SeriesTotal[], limit: number): readonly Step[] {
  return [...Map.groupBy(rows, (row) => row.time)].slice(0, limit).map(([time, group]) => ({ time, rows: group }));
}
