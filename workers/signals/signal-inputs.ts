import type { Config } from "../../src/config.ts";
import type { PositionSide } from "../../src/liquidation.ts";
import {
  type FlowRow,
  type LatestRow,
  type MarkRow,
  assembleSignalInput,
  signalInputRanges,
} from "../../src/signals/assemble-signal-input.ts";
import type { CascadeNow, SignalInput } from "../../src/signals/signal-input.ts";
import type { SpikeDecision } from "../../src/signals/spike-rule.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import type { SymbolWindow } from "../../src/windows/symbol-window.ts";
import { rowsOf } from "../d1/rows-of.ts";
import type { SymbolWindows } from "../d1/window-reads.ts";

const FLOW = `
  SELECT minute, position_side, sum(usd) AS usd FROM minute_totals
  WHERE minute >= ?2 AND minute < ?3 AND +symbol = ?1 GROUP BY minute, position_side`;
const MARKS = "SELECT minute, high, low, close FROM minute_marks WHERE minute >= ?2 AND minute < ?3 AND +symbol = ?1 ORDER BY minute";
const LATEST = `
  SELECT * FROM liquidations
  WHERE symbol = ?1 AND event_time >= ?2 AND event_time < ?3 AND position_side = ?4 AND coverage <> 'inferred'
  ORDER BY event_time DESC, event_id DESC LIMIT 1`;
const CASCADES = `
  SELECT position_side, state, start_time, end_time, usd, peak_usd_per_s, move_bps, severity, market_wide
  FROM cascades WHERE symbol = ?1 AND start_time >= ?2 AND start_time < ?3 ORDER BY start_time DESC`;

type CascadeRow = Omit<CascadeNow, "market_wide"> & { readonly position_side: PositionSide; readonly market_wide: number };

export interface ReadInput {
  readonly input: SignalInput;
  readonly rowsRead: number;
}

/** Reads the input of a spike's decision from D1. */
export async function readSignalInput(
  db: D1Database,
  config: Config,
  symbolWindow: SymbolWindow,
  decision: SpikeDecision,
  { symbolWindows, gaps }: SymbolWindows,
): Promise<ReadInput> {
  const { symbol, as_of_time: minute } = symbolWindow;
  const ranges = signalInputRanges(minute);
  const inRange = (sql: string, { start, end }: TimeRange, ...more: readonly string[]) => db.prepare(sql).bind(symbol, start, end, ...more);
  const results = await db.batch([
    inRange(FLOW, ranges.flow),
    inRange(MARKS, ranges.dayMarks),
    inRange(MARKS, ranges.recentMarks),
    inRange(LATEST, ranges.latest, "long"),
    inRange(LATEST, ranges.latest, "short"),
    inRange(CASCADES, ranges.cascades),
  ]);
  const [flow, dayMarks, recentMarks, long, short, cascades] = results;
  const side = (name: PositionSide, latest: D1Result | undefined) => ({
    latest: rowsOf<LatestRow>(latest)[0],
    cascade: cascadeNow(rowsOf<CascadeRow>(cascades).find((row) => row.position_side === name)),
  });
  const input = assembleSignalInput({
    config,
    symbolWindow,
    symbolWindows: symbolWindows.filter((one) => one.symbol === symbol),
    decision,
    gaps,
    flow: rowsOf<FlowRow>(flow),
    marks: [...rowsOf<MarkRow>(dayMarks), ...rowsOf<MarkRow>(recentMarks)],
    sides: { long: side("long", long), short: side("short", short) },
  });
  return { input, rowsRead: results.reduce((rows, result) => rows + result.meta.rows_read, 0) };
}

function cascadeNow(row: CascadeRow | undefined): CascadeNow | undefined {
  if (row === undefined) return undefined;
  const { position_side: _side, market_wide, ...cascade } = row;
  return { ...cascade, market_wide: market_wide === 1 };
}
