import type { Config } from "../../src/config.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import type { PositionSide } from "../../src/liquidation.ts";
import type { CascadeNow, FlowMinute, MarketNow, SideFlow, SignalInput } from "../../src/signals/signal-input.ts";
import type { SpikeDecision } from "../../src/signals/spike-rule.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import type { WindowReading } from "../../src/windows/window-reading.ts";
import { LATE_FRAMES_MS } from "../../src/windows/window.ts";
import { coverageOf } from "../../src/exchanges/coverage.ts";
import type { WindowReadings } from "../d1/window-reads.ts";

const FLOW_MINUTES = 15;
/** What was known at a liquidation older than this is not now. */
const LATEST_EVENT_MS = 5 * MINUTE_MS;
/** A mark older than this is not the mark; nor is one this far from the time a return is asked from. */
const MARK_AGE_MS = 5 * MINUTE_MS;

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

interface MarkRow {
  readonly minute: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

interface FlowRow {
  readonly minute: number;
  readonly position_side: PositionSide;
  readonly usd: number | null;
}

type LatestRow = Omit<SideFlow, "age_ms"> & Omit<MarketNow, "event_age_ms"> & { readonly event_time: number };
type CascadeRow = Omit<CascadeNow, "market_wide"> & { readonly position_side: PositionSide; readonly market_wide: number };

export interface ReadInput {
  readonly input: SignalInput;
  readonly rowsRead: number;
}

/** Everything a spike is decided on: what was measured before its minute, and nothing after. */
export async function readSignalInput(
  db: D1Database,
  config: Config,
  reading: WindowReading,
  spike: SpikeDecision,
  { readings, gaps }: WindowReadings,
): Promise<ReadInput> {
  const { symbol, as_of_time: minute } = reading;
  const end = minute - LATE_FRAMES_MS;
  const latest = (side: PositionSide) => db.prepare(LATEST).bind(symbol, end - LATEST_EVENT_MS, end, side);
  const marksBefore = (age: number, length: number) => db.prepare(MARKS).bind(symbol, minute - age - length, minute - age);
  const results = await db.batch([
    db.prepare(FLOW).bind(symbol, minute - FLOW_MINUTES * MINUTE_MS, minute),
    marksBefore(0, HOUR_MS + MARK_AGE_MS),
    marksBefore(DAY_MS, MARK_AGE_MS),
    latest("long"),
    latest("short"),
    db.prepare(CASCADES).bind(symbol, minute - HOUR_MS, minute),
  ]);
  const [flow, recentMarks, dayMarks, long, short, cascades] = results;
  const marks = [...rowsOf<MarkRow>(dayMarks), ...rowsOf<MarkRow>(recentMarks)];
  const latestRows = { long: rowsOf<LatestRow>(long)[0], short: rowsOf<LatestRow>(short)[0] };
  const side = (name: PositionSide) => ({
    latest: sideFlow(latestRows[name], minute),
    cascade: cascadeNow(rowsOf<CascadeRow>(cascades).find((row) => row.position_side === name)),
  });
  const input: SignalInput = {
    symbol,
    minute,
    window: reading.window,
    trigger: { sides: spike.sides, severity_usd: spike.severity_usd },
    windows: readings
      .filter((one) => one.symbol === symbol)
      .map(({ exchanges: _venues, symbol: _symbol, as_of_time: _time, ...window }) => window),
    exchanges: reading.exchanges,
    coverage: coverageOf(
      config,
      EXCHANGES.filter((name) => reading.exchanges[name] !== undefined),
    ),
    gaps: gaps.filter(({ from_time: from, to_time: to }) => from < reading.end_time && (to === null || to > reading.previous_start_time)),
    flow: flowMinutes(minute, rowsOf<FlowRow>(flow), marks),
    market: marketNow(minute, marks, latestRows),
    sides: { long: side("long"), short: side("short") },
  };
  return { input, rowsRead: results.reduce((rows, result) => rows + result.meta.rows_read, 0) };
}

function rowsOf<Row>(result: D1Result | undefined): readonly Row[] {
  return (result?.results ?? []) as readonly Row[];
}

function flowMinutes(end: number, flow: readonly FlowRow[], marks: readonly MarkRow[]): readonly FlowMinute[] {
  return Array.from({ length: FLOW_MINUTES }, (_, index) => {
    const minute = end - (FLOW_MINUTES - index) * MINUTE_MS;
    const usd = (side: PositionSide) => flow.find((row) => row.minute === minute && row.position_side === side)?.usd ?? 0;
    const mark = marks.find((row) => row.minute === minute);
    return {
      minute,
      long_usd: usd("long"),
      short_usd: usd("short"),
      mark_high: mark?.high ?? null,
      mark_low: mark?.low ?? null,
      mark_close: mark?.close ?? null,
    };
  });
}

function marketNow(minute: number, marks: readonly MarkRow[], latest: Readonly<Record<PositionSide, LatestRow | undefined>>): MarketNow {
  const mark = markBefore(marks, minute);
  const event = (latest.long?.event_time ?? 0) > (latest.short?.event_time ?? 0) ? latest.long : latest.short;
  const returnOver = (length: number) => {
    const earlier = mark === null ? null : markBefore(marks, mark.minute + MINUTE_MS - length);
    return mark === null || earlier === null ? null : 1e4 * (mark.close / earlier.close - 1);
  };
  return {
    mark_price: mark?.close ?? null,
    mark_time: mark?.minute ?? null,
    return_5m_bps: returnOver(5 * MINUTE_MS),
    return_15m_bps: returnOver(15 * MINUTE_MS),
    return_1h_bps: returnOver(HOUR_MS),
    return_24h_bps: returnOver(DAY_MS),
    index_price: event?.index_price ?? null,
    funding_rate: event?.funding_rate ?? null,
    open_interest_usd: event?.open_interest_usd ?? null,
    spread_bps: event?.spread_bps ?? null,
    imbalance_ratio: event?.imbalance_ratio ?? null,
    volatility_5m: event?.volatility_5m ?? null,
    event_age_ms: event === undefined ? null : minute - event.event_time,
  };
}

/** The last mark of a minute that ended by `time`, if not too old. */
function markBefore(marks: readonly MarkRow[], time: number): MarkRow | null {
  return marks.findLast((row) => row.minute + MINUTE_MS <= time && row.minute >= time - MARK_AGE_MS) ?? null;
}

function sideFlow(row: LatestRow | undefined, minute: number): SideFlow | null {
  if (row === undefined) return null;
  return {
    age_ms: minute - row.event_time,
    cum_usd_1m: row.cum_usd_1m,
    cum_usd_5m: row.cum_usd_5m,
    cum_usd_15m: row.cum_usd_15m,
    velocity_usd_per_s: row.velocity_usd_per_s,
    branching_ratio: row.branching_ratio,
    cascade_score: row.cascade_score,
    concurrent_exchanges: row.concurrent_exchanges,
    dominant_exchange: row.dominant_exchange,
  };
}

function cascadeNow(row: CascadeRow | undefined): CascadeNow | null {
  if (row === undefined) return null;
  const { position_side: _side, market_wide, ...cascade } = row;
  return { ...cascade, market_wide: market_wide === 1 };
}
