import type { ExchangeName, Liquidation, PositionSide } from "../../src/liquidation.ts";
import { HOUR_MS } from "../../src/windows/calendar.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { LIQUIDATION_COLUMNS } from "./liquidation-columns.ts";
import { rowsOf } from "./rows-of.ts";

/** A filter for hot events. Omitted fields do not filter. */
export interface LiquidationFilter {
  readonly symbol?: string | undefined;
  readonly exchange?: ExchangeName | undefined;
  readonly side?: PositionSide | undefined;
  /** Any value excludes events with an unknown `usd_value`. */
  readonly minUsd?: number | undefined;
  /** Includes inferred events, which no venue reported. */
  readonly inferred?: boolean | undefined;
}

/** Events from this size on are so few that they are found by size rather than by time. */
const LARGE_USD = 100_000;

/** A range up to this long is so small a part of the hot events that sorting it costs less than searching all of them by size. */
const BRIEF_RANGE_MS = HOUR_MS;

/** The index of the filter that is likely to leave the fewest events. */
function indexFor({ symbol, exchange, minUsd }: LiquidationFilter): string {
  if (symbol !== undefined) return "liquidations_by_symbol_time";
  if (minUsd !== undefined && minUsd >= LARGE_USD) return "liquidations_by_usd";
  return exchange === undefined ? "liquidations_by_time" : "liquidations_by_exchange";
}

/** The time and id of the last row of a page. */
export interface LiquidationPlace {
  readonly time: number;
  readonly id: string;
}

export interface LiquidationPage {
  readonly filter: LiquidationFilter;
  readonly range: TimeRange;
  readonly order: "asc" | "desc";
  /** Only rows after this place, in the requested order. */
  readonly after: LiquidationPlace | null;
  readonly limit: number;
}

/**
 * The statement that reads one page in the order of event time and then id: every row has a unique place, whatever
 * arrives between two pages.
 */
export function liquidationPage(db: D1Database, { filter, range, order, after, limit }: LiquidationPage): D1PreparedStatement {
  const conditions = [
    ...filterConditions(filter),
    after !== null && order === "asc" ? null : (["event_time >= ?", [range.start]] as const),
    after !== null && order === "desc" ? null : (["event_time < ?", [range.end]] as const),
    after === null ? null : ([`(event_time, event_id) ${order === "asc" ? ">" : "<"} (?, ?)`, [after.time, after.id]] as const),
  ];
  return select(db, indexFor(filter), conditions, "event_time", order, limit);
}

/** A page by value, and the last row of the page before. */
export interface LargestPage extends Omit<LiquidationPage, "after"> {
  readonly after: { readonly usd: number; readonly id: string } | null;
}

/**
 * The statement that reads one page in the order of `usd_value` and then id, without rows of unknown value. The index by
 * value is read until the page is full; where a symbol, a venue or a brief range is asked for, its events are sorted.
 */
export function largestPage(db: D1Database, { filter, range, order, after, limit }: LargestPage): D1PreparedStatement {
  const conditions = [
    ...filterConditions(filter),
    ["usd_value IS NOT NULL AND event_time >= ? AND event_time < ?", [range.start, range.end]] as const,
    after === null ? null : ([`(usd_value, event_id) ${order === "asc" ? ">" : "<"} (?, ?)`, [after.usd, after.id]] as const),
  ];
  return select(db, indexBySize(filter, range), conditions, "usd_value", order, limit);
}

function indexBySize(filter: LiquidationFilter, { start, end }: TimeRange): string {
  if (filter.symbol !== undefined || filter.exchange !== undefined) return indexFor({ ...filter, minUsd: undefined });
  return end - start <= BRIEF_RANGE_MS ? indexFor(filter) : "liquidations_by_usd";
}

type Condition = readonly [sql: string, values: readonly (string | number)[]];

function filterConditions(filter: LiquidationFilter): readonly (Condition | null)[] {
  return [
    filter.symbol === undefined ? null : ["symbol = ?", [filter.symbol]],
    filter.exchange === undefined ? null : ["exchange = ?", [filter.exchange]],
    filter.side === undefined ? null : ["position_side = ?", [filter.side]],
    filter.inferred === true ? null : ["coverage <> ?", ["inferred"]],
    filter.minUsd === undefined ? null : ["usd_value >= ?", [filter.minUsd]],
  ];
}

function select(
  db: D1Database,
  index: string,
  conditions: readonly (Condition | null)[],
  column: "event_time" | "usd_value",
  order: "asc" | "desc",
  limit: number,
): D1PreparedStatement {
  const used = conditions.filter((condition) => condition !== null);
  const sql = `
    SELECT ${LIQUIDATION_COLUMNS.join(", ")} FROM liquidations INDEXED BY ${index}
    WHERE ${used.map(([text]) => text).join(" AND ")}
    ORDER BY ${column} ${order}, event_id ${order} LIMIT ?`;
  return db.prepare(sql).bind(...used.flatMap(([, values]) => values), limit);
}

export function liquidationsOf(result: D1Result | undefined): readonly Liquidation[] {
  return rowsOf<Liquidation>(result);
}
