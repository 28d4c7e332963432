import { FLOW_USD_SQL } from "../../src/flow-usd.ts";
import { HOUR_MS } from "../../src/windows/calendar.ts";
import { type RangePart, type TimeRange, rangeParts } from "../../src/windows/range-parts.ts";
import type { Totals } from "../../src/windows/totals.ts";
import type { VenueSideTotals } from "../../src/windows/window-statistics.ts";
import { rowsOf } from "./rows-of.ts";

/** Rows of totals as one text of JSON: the binding of D1 makes an object of each row, which takes longer than to read it. */
const asJson = (columns: readonly string[]): string => `json_group_array(json_array(exchange, position_side, ${columns.join(", ")}))`;
const OF_EVENT: Readonly<Record<keyof Totals, string>> = {
  events: "1",
  events_without_usd: `${FLOW_USD_SQL} IS NULL`,
  events_without_notional_mark: "notional_mark_usd IS NULL",
  usd: FLOW_USD_SQL,
  notional_mark_usd: "notional_mark_usd",
  quantity: "quantity",
  max_usd: FLOW_USD_SQL,
};

/**
 * ?1 the symbols, ?2 the parts as `[from, start, end, after, until]`, of which those count that hold where the stored events begin
 * after one time and at another at the latest. Each part of each symbol reads its own range of a key. An hour with minutes that
 * changed since it was computed is read from its minutes. The rows are not added up here, because D1 counts rows that it groups
 * twice more.
 */
function rangeTotalsSql(columns: readonly (keyof Totals)[]): string {
  const own = (table: string) => `SELECT ${asJson(columns)} FROM ${table}`;
  const ofEvents = asJson(columns.map((name) => OF_EVENT[name]));
  return `
  WITH parts AS (SELECT value ->> 0 AS summed_from, value ->> 1 AS start_time, value ->> 2 AS end_time
      FROM json_each(?2) CROSS JOIN hot_events WHERE from_time > value ->> 3 AND from_time <= value ->> 4),
    wanted AS MATERIALIZED (SELECT value AS wanted_symbol FROM json_each(?1))
  SELECT wanted_symbol AS symbol, CASE summed_from
    WHEN 'hours' THEN (${own("hour_totals")} WHERE symbol = wanted_symbol AND hour >= start_time AND hour < end_time
      AND hour NOT IN (SELECT hour FROM dirty_hours))
    WHEN 'minutes' THEN (${own("minute_totals")} WHERE symbol = wanted_symbol AND minute >= start_time AND minute < end_time)
    ELSE (SELECT ${ofEvents} FROM liquidations
      WHERE symbol = wanted_symbol AND event_time >= start_time AND event_time < end_time AND coverage <> 'inferred')
    END AS totals,
    CASE summed_from WHEN 'hours' THEN (${own("dirty_hours CROSS JOIN minute_totals")} WHERE symbol = wanted_symbol
      AND hour >= start_time AND hour < end_time AND minute >= hour AND minute < hour + ${HOUR_MS}) END AS changed_totals
  FROM parts CROSS JOIN wanted`;
}

/**
 * The statement that reads these columns of the totals of these symbols over a range, as far as its edges are covered (`rangeParts`);
 * pass its rows to `rangeTotalsOf`.
 */
export function rangeTotals(
  db: D1Database,
  symbols: readonly string[],
  range: TimeRange,
  columns: readonly (keyof Totals)[],
): D1PreparedStatement {
  return db.prepare(rangeTotalsSql(columns)).bind(JSON.stringify(symbols), JSON.stringify(partsByFirstEvent(range)));
}

/** The parts of a range where the events of all of it are stored, of its end alone, and of none of it. */
function partsByFirstEvent(range: TimeRange): readonly (readonly (string | number)[])[] {
  const { start, end } = range;
  const bounds = [
    [Number.MIN_SAFE_INTEGER, start],
    [start, end],
    [end, Number.MAX_SAFE_INTEGER],
  ] as const;
  return bounds.flatMap(([after, until]) =>
    rangeParts(range, until)
      .parts.flatMap(shortParts)
      .map((part) => [part.from, part.start, part.end, after, until]),
  );
}

/** D1 allows a text of 2 MB: some 20,000 events, more than any base asset has in so short a time. */
const EVENTS_MS = 10_000;

function shortParts(part: RangePart): readonly RangePart[] {
  if (part.from !== "events") return [part];
  return Array.from({ length: Math.ceil((part.end - part.start) / EVENTS_MS) }, (_, index) => {
    const start = part.start + index * EVENTS_MS;
    return { ...part, start, end: Math.min(start + EVENTS_MS, part.end) };
  });
}

interface PartRow {
  readonly symbol: string;
  readonly totals: string;
  readonly changed_totals: string | null;
}

type Entry = readonly [VenueSideTotals["exchange"], VenueSideTotals["position_side"], ...(number | null)[]];

/** Of a venue and side. */
export type TotalsOf<Name extends keyof Totals> = Pick<VenueSideTotals, "exchange" | "position_side" | Name>;

/** The totals of each symbol, by venue and side. */
export function rangeTotalsOf<Name extends keyof Totals>(
  result: D1Result | undefined,
  columns: readonly Name[],
): ReadonlyMap<string, readonly TotalsOf<Name>[]> {
  const bySymbol = Map.groupBy(rowsOf<PartRow>(result), ({ symbol }) => symbol);
  return new Map([...bySymbol].map(([symbol, parts]) => [symbol, sums(parts.flatMap(entriesOf), columns)] as const));
}

function entriesOf({ totals, changed_totals: changed }: PartRow): readonly Entry[] {
  return [totals, changed ?? "[]"].flatMap((json) => JSON.parse(json) as readonly Entry[]);
}

/** As `addTotals` adds: a column is null where it is in every entry. */
function sums<Name extends keyof Totals>(entries: readonly Entry[], columns: readonly Name[]): readonly TotalsOf<Name>[] {
  const bySide = new Map<string, Map<string, (number | null)[]>>();
  const rows: (readonly [Entry[0], Entry[1], (number | null)[]])[] = [];
  for (const [exchange, side, ...values] of entries) {
    let byVenue = bySide.get(side);
    if (byVenue === undefined) bySide.set(side, (byVenue = new Map()));
    const sum = byVenue.get(exchange);
    if (sum === undefined) {
      byVenue.set(exchange, values);
      rows.push([exchange, side, values]);
    } else columns.forEach((name, index) => (sum[index] = together(name, sum[index] ?? null, values[index] ?? null)));
  }
  return rows.map(([exchange, position_side, values]) => {
    const totals = Object.fromEntries(columns.map((name, index) => [name, values[index] ?? null]));
    return { exchange, position_side, ...totals } as unknown as TotalsOf<Name>;
  });
}

function together(name: keyof Totals, sum: number | null, value: number | null): number | null {
  if (sum === null || value === null) return sum ?? value;
  return name === "max_usd" ? Math.max(sum, value) : sum + value;
}
