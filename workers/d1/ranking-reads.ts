import type { ExchangeName, PositionSide } from "../../src/liquidation.ts";
import { HOUR_MS, MINUTE_MS, ceilTo, floorTo } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { type LayeredRange, layeredRange } from "../../src/windows/layered-range.ts";
import { type Totals, addTotals } from "../../src/windows/totals.ts";
import { readSymbolTotals } from "./symbol-blocks.ts";
import { readBlocks } from "./total-blocks.ts";

/** What totals are grouped by, and the column of the tables. */
export const RANKED_BY = { symbol: "symbol", exchange: "exchange", side: "position_side" } as const;

export interface RankingFilter {
  readonly symbol?: string | undefined;
  readonly exchange?: ExchangeName | undefined;
  readonly side?: PositionSide | undefined;
}

/** The totals of one group. */
export interface GroupTotals extends Totals {
  readonly key: string;
}

/** A range widened to what totals are kept for: whole minutes, or whole hours where its minutes may be gone. */
export function summableRange({ start, end }: TimeRange, minutesFrom: number): TimeRange {
  const step = start >= minutesFrom ? MINUTE_MS : HOUR_MS;
  return { start: floorTo(start, step), end: ceilTo(end, end >= minutesFrom ? MINUTE_MS : HOUR_MS) };
}

/** The totals of every group with an event in a range of whole minutes; inferred events are in no total. */
export async function groupTotals(
  db: D1Database,
  by: keyof typeof RANKED_BY,
  { start, end }: TimeRange,
  { symbol, exchange, side }: RankingFilter,
): Promise<readonly GroupTotals[]> {
  const bounds = layeredRange({ start, end });
  const rows = symbol === undefined ? await ofAll(db, bounds) : await ofSymbol(db, bounds, symbol);
  const wanted = rows.filter(
    (row) => (exchange === undefined || row.exchange === exchange) && (side === undefined || row.position_side === side),
  );
  return [...Map.groupBy(wanted, (row) => row[RANKED_BY[by]])].map(([key, group]) => ({ key, ...addTotals(group) }));
}

interface RankedRow extends Totals {
  readonly symbol: string;
  readonly exchange: ExchangeName;
  readonly position_side: PositionSide;
}

async function ofAll(db: D1Database, range: LayeredRange): Promise<readonly RankedRow[]> {
  return (await readBlocks(db, range)).flatMap(({ exchange, entries }) => entries.map((entry) => ({ ...entry, exchange })));
}

async function ofSymbol(db: D1Database, range: LayeredRange, symbol: string): Promise<readonly RankedRow[]> {
  return (await readSymbolTotals(db, symbol, range)).map((row) => ({ ...row, symbol }));
}
