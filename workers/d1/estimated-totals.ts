import { readBlockText } from "../../src/estimates/estimate-block.ts";
import type { EstimatedTotal } from "../../src/estimates/estimated-total-fields.ts";
import type { VenueSideEstimate } from "../../src/estimates/estimate.ts";
import { type EstimatedMinute, estimatedMinutes } from "../../src/estimates/estimated-minute.ts";
import type { ExchangeName, PositionSide } from "../../src/liquidation.ts";
import { MINUTE_MS } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { gapsInRange, gapsOf } from "./gap-reads.ts";
import { rowsOf } from "./rows-of.ts";
import { isListedIn, listedStatement } from "./symbol-lists.ts";

const BLOCKS = `
  SELECT time, estimates FROM estimate_blocks WHERE step_ms = ${MINUTE_MS} AND time >= ?1 AND time < ?2 ORDER BY time`;

/** Filters of estimated totals; null for all. */
export interface EstimateFilter {
  readonly symbols: readonly string[] | null;
  readonly exchanges: readonly ExchangeName[] | null;
  readonly side: PositionSide | null;
}

export interface EstimatedMinutes {
  /** By minute and base asset, of those of which a venue reported something. */
  readonly minutes: readonly EstimatedMinute[];
  /** Number of minutes that are stored. */
  readonly stored: number;
  /** Minutes without an estimate, because their events or gaps were gone. */
  readonly lost: readonly TimeRange[];
}

/**
 * The estimates of each minute of a range, with none for a venue that had a gap in the minute.
 * @param exchanges the venues that publish liquidations, or some of them
 * @param symbols base assets; null for all
 */
export async function readEstimatedMinutes(
  db: D1Database,
  range: TimeRange,
  exchanges: readonly ExchangeName[],
  symbols: readonly string[] | null = null,
): Promise<EstimatedMinutes> {
  const [blocks, gapRows] = await db.batch([db.prepare(BLOCKS).bind(range.start, range.end), gapsInRange(db, exchanges, range)]);
  const { gaps, truncated } = gapsOf(gapRows);
  // Of earlier minutes it is not known whether a venue had a gap in them.
  const knownFrom = truncated ? (gaps[0]?.from_time ?? range.end) : 0;
  const found = rowsOf<{ time: number; estimates: string | null }>(blocks);
  const read = found.flatMap(({ time, estimates }) => {
    if (estimates === null || time < knownFrom) return [];
    const wanted = [...readBlockText(estimates)].filter(([symbol]) => symbols?.includes(symbol) ?? true);
    return [{ time, bySymbol: new Map(wanted.toSorted(([a], [b]) => (a < b ? -1 : 1))) }];
  });
  const present = [...new Set(read.flatMap(({ bySymbol }) => [...bySymbol.keys()]))];
  const isListed = isListedIn(present.length === 0 ? undefined : await listedStatement(db, present).run());
  const listing = (symbol: string, entries: readonly VenueSideEstimate[]): readonly ExchangeName[] =>
    exchanges.filter((name) => isListed(name, [symbol]) || entries.some(({ exchange }) => exchange === name));
  const minutes = read.flatMap(({ time, bySymbol }) => estimatedMinutes(time, bySymbol, gaps, listing));
  const lost = found.filter(({ time, estimates }) => estimates === null || time < knownFrom);
  return { minutes, stored: found.length, lost: lost.map(({ time }) => ({ start: time, end: time + MINUTE_MS })) };
}

export interface EstimatedTotals extends Pick<EstimatedMinutes, "stored" | "lost"> {
  /** By minute, base asset, venue and side: those of which a venue reported something. */
  readonly rows: readonly EstimatedTotal[];
}

/** The same as rows, with the filters of an export. */
export async function readEstimatedTotals(
  db: D1Database,
  range: TimeRange,
  { symbols, exchanges: chosen, side }: EstimateFilter,
  exchanges: readonly ExchangeName[],
): Promise<EstimatedTotals> {
  const wanted = exchanges.filter((name) => chosen?.includes(name) ?? true);
  const { minutes, stored, lost } = await readEstimatedMinutes(db, range, wanted, symbols);
  const rows = minutes.flatMap(({ symbol, time: minute, exchanges: own }) =>
    own.filter((one) => side === null || one.position_side === side).map((one): EstimatedTotal => ({ minute, symbol, ...one })),
  );
  return { rows, stored, lost };
}

/** Minutes whose rows are counted to estimate those of a longer range. */
const SAMPLED_MS = 30 * MINUTE_MS;

export interface EstimatedTotalsCount {
  readonly rows: number;
  /** False where the rows of the newest half hour stand for all. */
  readonly exact: boolean;
}

export async function countEstimatedTotals(
  db: D1Database,
  range: TimeRange,
  filter: EstimateFilter,
  exchanges: readonly ExchangeName[],
): Promise<EstimatedTotalsCount> {
  const { minutes, newest } = await db
    .prepare(
      `SELECT count(*) AS minutes, max(time) AS newest FROM estimate_blocks WHERE step_ms = ${MINUTE_MS} AND time >= ?1 AND time < ?2`,
    )
    .bind(range.start, range.end)
    .first<{ minutes: number; newest: number | null }>()
    .then((counted) => counted ?? { minutes: 0, newest: null });
  if (newest === null) return { rows: 0, exact: true };
  const end = newest + MINUTE_MS;
  const sample = await readEstimatedTotals(db, { start: Math.max(range.start, end - SAMPLED_MS), end }, filter, exchanges);
  return { rows: Math.round((sample.rows.length / sample.stored) * minutes), exact: sample.stored === minutes };
}
