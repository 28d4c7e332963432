import { FLOW_USD_SQL } from "../../src/flow-usd.ts";
import { HOUR_MS } from "../../src/windows/calendar.ts";
import { type RangePart, type TimeRange, rangeParts } from "../../src/windows/range-parts.ts";
import { addTotals } from "../../src/windows/totals.ts";
import type { VenueSideTotals } from "../../src/windows/window-statistics.ts";
import { TOTAL_COLUMNS } from "./total-columns.ts";
import { rowsOf } from "./rows-of.ts";

/** Rows of totals as one text of JSON: the binding of D1 makes an object of each row, which takes longer than to read it. */
const AS_JSON = (columns: readonly string[]): string => `json_group_array(json_array(exchange, position_side, ${columns.join(", ")}))`;
const OWN = (table: string): string => `SELECT ${AS_JSON(TOTAL_COLUMNS)} FROM ${table}`;
const OF_EVENT: readonly string[] = [
  "1",
  `${FLOW_USD_SQL} IS NULL`,
  "notional_mark_usd IS NULL",
  FLOW_USD_SQL,
  "notional_mark_usd",
  "quantity",
  FLOW_USD_SQL,
];

/**
 * ?1 the symbols, ?2 the parts as `[from, start, end, after, until]`, of which those count that hold where the stored events begin
 * after one time and at another at the latest. Each part of each symbol reads its own range of a key. An hour with minutes that
 * changed since it was computed is read from its minutes. The rows are not added up here, because D1 counts rows that it groups
 * twice more.
 */
const RANGE_TOTALS = `
  WITH parts AS (SELECT value ->> 0 AS summed_from, value ->> 1 AS start_time, value ->> 2 AS end_time
      FROM json_each(?2) CROSS JOIN hot_events WHERE from_time > value ->> 3 AND from_time <= value ->> 4),
    wanted AS MATERIALIZED (SELECT value AS wanted_symbol FROM json_each(?1))
  SELECT wanted_symbol AS symbol, CASE summed_from
    WHEN 'hours' THEN (${OWN("hour_totals")} WHERE symbol = wanted_symbol AND hour >= start_time AND hour < end_time
      AND hour NOT IN (SELECT hour FROM dirty_hours))
    WHEN 'minutes' THEN (${OWN("minute_totals")} WHERE symbol = wanted_symbol AND minute >= start_time AND minute < end_time)
    ELSE (SELECT ${AS_JSON(OF_EVENT)} FROM liquidations
      WHERE symbol = wanted_symbol AND event_time >= start_time AND event_time < end_time AND coverage <> 'inferred')
    END AS totals,
    CASE summed_from WHEN 'hours' THEN (${OWN("dirty_hours CROSS JOIN minute_totals")} WHERE symbol = wanted_symbol
      AND hour >= start_time AND hour < end_time AND minute >= hour AND minute < hour + ${HOUR_MS}) END AS changed_totals
  FROM parts CROSS JOIN wanted`;

/**
 * The statement that reads the totals of these symbols over a range, as far as its edges are covered (`rangeParts`); pass its rows to
 * `rangeTotalsOf`.
 */
export function rangeTotals(db: D1Database, symbols: readonly string[], range: TimeRange): D1PreparedStatement {
  return db.prepare(RANGE_TOTALS).bind(JSON.stringify(symbols), JSON.stringify(partsByFirstEvent(range)));
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

/** The totals of each symbol, by venue and side. */
export function rangeTotalsOf(result: D1Result | undefined): ReadonlyMap<string, readonly VenueSideTotals[]> {
  const bySymbol = Map.groupBy(rowsOf<PartRow>(result), ({ symbol }) => symbol);
  return new Map([...bySymbol].map(([symbol, parts]) => [symbol, sums(parts.flatMap(entriesOf))] as const));
}

function entriesOf({ totals, changed_totals: changed }: PartRow): readonly VenueSideTotals[] {
  return [totals, changed ?? "[]"].flatMap((json) => (JSON.parse(json) as readonly Entry[]).map(totalsOf));
}

function totalsOf([exchange, position_side, ...values]: Entry): VenueSideTotals {
  const [events, events_without_usd, events_without_notional_mark, usd, notional_mark_usd, quantity, max_usd] = values;
  return {
    exchange,
    position_side,
    events: events ?? 0,
    events_without_usd: events_without_usd ?? 0,
    events_without_notional_mark: events_without_notional_mark ?? 0,
    usd: usd ?? null,
    notional_mark_usd: notional_mark_usd ?? null,
    quantity: quantity ?? null,
    max_usd: max_usd ?? null,
  };
}

function sums(rows: readonly VenueSideTotals[]): readonly VenueSideTotals[] {
  const groups = Map.groupBy(rows, ({ exchange, position_side: side }) => `${exchange} ${side}`);
  return [...groups.values()].flatMap((own) => {
    const [first] = own;
    return first === undefined ? [] : [{ exchange: first.exchange, position_side: first.position_side, ...addTotals(own) }];
  });
}
