import type { ExchangeName, Liquidation, PositionSide } from "../../src/liquidation.ts";
import { HOUR_MS } from "../../src/windows/calendar.ts";
import { LOWEST_MIN_USD as LARGE_USD } from "../../src/webhooks/min-usd.ts";
import type { TimeRange } from "../../src/windows/range-parts.ts";
import { LIQUIDATION_COLUMNS } from "./liquidation-columns.ts";
import { type Condition, type ScannedRows, scanPage } from "./scan-page.ts";

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
 * Reads one page in the order of event time and then id: every row has a unique place, whatever arrives between two pages.
 */
export async function liquidationPage(
  db: D1Database,
  { filter, range, order, after, limit }: LiquidationPage,
): Promise<ScannedRows<Liquidation>> {
  const narrowest = await narrowestIndex(db, filter, range, "time");
  return scanPage(db, {
    ...pageOf(narrowest, filter),
    key: ["event_time", "event_id"],
    order,
    within: [...narrowest.within, ...rangeAfter(range, order, after)],
    after: after === null ? null : [after.time, after.id],
    limit,
  });
}

/** A page by value, and the last row of the page before. */
export interface LargestPage extends Omit<LiquidationPage, "after"> {
  readonly after: { readonly usd: number; readonly id: string } | null;
}

/**
 * Reads one page in the order of `usd_value` and then id, without rows of unknown value. Where an index leaves few events, they are
 * sorted. Otherwise the index by value is read, which only has those of `LARGE_USD` or more.
 */
export async function largestPage(db: D1Database, page: LargestPage): Promise<ScannedRows<Liquidation>> {
  const { filter, range, order, limit } = page;
  // A longer range has so many events that counting them first would only cost.
  const isCounted = order === "asc" || range.end - range.start <= HOUR_MS;
  const narrowest = await narrowestIndex(db, filter, range, isCounted ? "counted" : "usd");
  const found = await largestBy(db, narrowest, page);
  const isWhole = isCounted || narrowest.index !== BY_USD || (filter.minUsd ?? 0) >= LARGE_USD;
  if (isWhole || found.rows.length === limit || found.stoppedAt !== null) return found;
  const counted = await narrowestIndex(db, filter, range, "counted");
  return counted.index === BY_USD ? found : largestBy(db, counted, page);
}

function largestBy(
  db: D1Database,
  narrowest: Access,
  { filter, range, order, after, limit }: LargestPage,
): Promise<ScannedRows<Liquidation>> {
  const { minUsd, ...others } = filter;
  const inRange: Condition = ["event_time >= ? AND event_time < ?", [range.start, range.end]];
  const isByUsd = narrowest.index === BY_USD;
  // Upwards, the search begins at the page before.
  const from = after !== null && order === "asc" ? after.usd : minUsd;
  const known: Condition = isByUsd ? isLarge(from) : ["usd_value >= ?", [from ?? 0]];
  return scanPage(db, {
    ...pageOf(narrowest, others, isByUsd ? [inRange] : []),
    key: ["usd_value", "event_id"],
    order,
    within: isByUsd ? [known] : [...narrowest.within, inRange, known],
    after: after === null ? null : [after.usd, after.id],
    limit,
  });
}

/** An index, the conditions that find its events, and the fields of the filter that they answer. */
interface Access {
  readonly index: string;
  readonly within: readonly Condition[];
  readonly answers: readonly (keyof LiquidationFilter)[];
}

const BY_TIME = "liquidations_by_time";
/** Has the events of `LARGE_USD` or more: one of all values would cost as many rows written as there are events. */
const BY_USD = "liquidations_large";

/** SQLite only takes the index where the condition names its bound as the index does; the plus keeps it from searching by that bound. */
function isLarge(minUsd: number | undefined): Condition {
  return [`+usd_value >= ${LARGE_USD} AND usd_value >= ?`, [minUsd ?? LARGE_USD]];
}

/** An index that leaves at most this many events is read whole and, where it has another order, sorted. */
const FEW = 300;

/**
 * The index that leaves the fewest events of the range, as long as they are few; else the first one that has the order of the
 * page. Looking at each of them stops at `FEW`.
 * @param ordered what the page is ordered by; `counted`: by value, after looking at all events of the range too
 */
async function narrowestIndex(
  db: D1Database,
  filter: LiquidationFilter,
  range: TimeRange,
  ordered: "time" | "usd" | "counted",
): Promise<Access> {
  const possible = accesses(filter);
  const byTime: Access = { index: BY_TIME, within: [], answers: [] };
  const inOrder = ordered === "time" ? (possible.find(({ index }) => index !== BY_USD) ?? byTime) : null;
  const byUsd: Access = { index: BY_USD, within: [], answers: ["minUsd"] };
  // A single index that has the order anyway need not be compared with anything.
  if (inOrder !== null && possible.every((access) => access === inOrder)) return inOrder;
  const looked = ordered === "counted" ? [...possible, byTime] : possible;
  if (looked.length === 0) return byUsd;
  const counts = looked.map(({ index, within }) => {
    const inTime: Condition = ["event_time >= ? AND event_time < ?", [range.start, range.end]];
    const conditions = index === BY_USD ? within : [...within, inTime];
    const sql = `(SELECT count(*) FROM (SELECT 1 FROM liquidations INDEXED BY ${index} WHERE ${textOf(conditions)} LIMIT ${FEW + 1}))`;
    return [sql, conditions.flatMap(([, values]) => values)] as const;
  });
  const found = await db
    .prepare(`SELECT json_array(${counts.map(([sql]) => sql).join(", ")}) AS counts`)
    .bind(...counts.flatMap(([, values]) => values))
    .first<string>("counts");
  const numbers = JSON.parse(found ?? "[]") as readonly number[];
  const fewest = Math.min(...numbers);
  return fewest > FEW ? (inOrder ?? byUsd) : (looked[numbers.indexOf(fewest)] ?? byTime);
}

/** The indexes that the filter can use, those with the order of time first. */
function accesses({ symbol, exchange, minUsd }: LiquidationFilter): readonly Access[] {
  const possible: readonly (Access | null)[] = [
    symbol === undefined ? null : { index: "liquidations_by_symbol_time", within: [["symbol = ?", [symbol]]], answers: ["symbol"] },
    exchange === undefined ? null : { index: "liquidations_by_exchange", within: [["exchange = ?", [exchange]]], answers: ["exchange"] },
    minUsd === undefined || minUsd < LARGE_USD ? null : { index: BY_USD, within: [isLarge(minUsd)], answers: ["minUsd"] },
  ];
  return possible.filter((access) => access !== null);
}

function pageOf({ index, answers }: Access, filter: LiquidationFilter, others: readonly Condition[] = []) {
  const answered = Object.fromEntries(answers.map((name) => [name, undefined]));
  return {
    columns: LIQUIDATION_COLUMNS,
    from: `liquidations INDEXED BY ${index}`,
    filters: [...others, ...filterConditions({ ...filter, ...answered })],
  };
}

/** The bounds of the range; the place of the page before stands for the one that it lies inside. */
function rangeAfter({ start, end }: TimeRange, order: "asc" | "desc", after: LiquidationPlace | null): readonly Condition[] {
  return [
    ...(after !== null && order === "asc" ? [] : [["event_time >= ?", [start]] as const]),
    ...(after !== null && order === "desc" ? [] : [["event_time < ?", [end]] as const]),
  ];
}

function filterConditions(filter: LiquidationFilter): readonly Condition[] {
  const conditions: readonly (Condition | null)[] = [
    filter.symbol === undefined ? null : ["symbol = ?", [filter.symbol]],
    filter.exchange === undefined ? null : ["exchange = ?", [filter.exchange]],
    filter.side === undefined ? null : ["position_side = ?", [filter.side]],
    filter.inferred === true ? null : ["coverage <> ?", ["inferred"]],
    filter.minUsd === undefined ? null : ["usd_value >= ?", [filter.minUsd]],
  ];
  return conditions.filter((condition) => condition !== null);
}

function textOf(conditions: readonly Condition[]): string {
  return conditions.length === 0 ? "true" : conditions.map(([text]) => text).join(" AND ");
}
