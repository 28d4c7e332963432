import type { ExchangeName, Liquidation, PositionSide } from "../../src/liquidation.ts";
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
  const conditions: readonly (readonly [string, readonly (string | number)[]] | null)[] = [
    filter.symbol === undefined ? null : ["symbol = ?", [filter.symbol]],
    filter.exchange === undefined ? null : ["exchange = ?", [filter.exchange]],
    filter.side === undefined ? null : ["position_side = ?", [filter.side]],
    filter.inferred === true ? null : ["coverage <> ?", ["inferred"]],
    filter.minUsd === undefined ? null : ["usd_value >= ?", [filter.minUsd]],
    after !== null && order === "asc" ? null : ["event_time >= ?", [range.start]],
    after !== null && order === "desc" ? null : ["event_time < ?", [range.end]],
    after === null ? null : [`(event_time, event_id) ${order === "asc" ? ">" : "<"} (?, ?)`, [after.time, after.id]],
  ];
  const used = conditions.filter((condition) => condition !== null);
  const sql = `
    SELECT ${LIQUIDATION_COLUMNS.join(", ")} FROM liquidations INDEXED BY ${indexFor(filter)}
    WHERE ${used.map(([text]) => text).join(" AND ")}
    ORDER BY event_time ${order}, event_id ${order} LIMIT ?`;
  return db.prepare(sql).bind(...used.flatMap(([, values]) => values), limit);
}

export function liquidationsOf(result: D1Result | undefined): readonly Liquidation[] {
  return rowsOf<Liquidation>(result);
}
