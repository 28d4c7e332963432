import type { Coverage, ExchangeName, PositionSide } from "../../../../src/liquidation.ts";
import { flowUsd } from "../../../../src/flow-usd.ts";
import { MINUTE_MS } from "../../../../src/windows/calendar.ts";

/** A column of a file. */
export interface SchemaColumn {
  readonly name: string;
  readonly type: string;
  readonly isNullable: boolean;
}

export type Cell = string | number | null;

/** A day's file as read in the browser. */
export interface OpenedDay {
  readonly rows: number;
  readonly schema: readonly SchemaColumn[];
  /** The first rows, with all columns. */
  readonly head: readonly Readonly<Record<string, Cell>>[];
  readonly totals: DayTotals;
}

export interface VenueTotal {
  readonly exchange: ExchangeName;
  readonly coverage: Coverage;
  readonly events: number;
  /** Flow USD of each side. */
  readonly usd: Readonly<Record<PositionSide, number>>;
  /** Events without any value in USD: they are in no sum. */
  readonly withoutUsd: number;
}

export interface DayTotals {
  /** The largest first. */
  readonly venues: readonly VenueTotal[];
  /** USD of each side by minute of the day. */
  readonly minutes: Readonly<Record<PositionSide, Float64Array>>;
}

/** What totals are made of. */
interface TotalledRow {
  readonly event_time: number;
  readonly exchange: ExchangeName;
  readonly position_side: PositionSide;
  readonly usd_value: number | null;
  readonly notional_mark_usd: number | null;
  readonly coverage: Coverage;
}
const TOTALLED = ["event_time", "exchange", "position_side", "usd_value", "notional_mark_usd", "coverage"];

const HEAD_ROWS = 50;
export const MINUTES = 1_440;

/**
 * Reads a Parquet file: its schema, its first rows and its totals. The reader is loaded when it is first needed.
 * @throws where the bytes are no Parquet file
 */
export async function openDay(bytes: ArrayBuffer, date: string): Promise<OpenedDay> {
  const { parquetMetadata, parquetReadObjects, parquetSchema } = await import("hyparquet");
  const metadata = parquetMetadata(bytes);
  const parsers = { timestampFromMilliseconds: Number };
  const columns = parquetSchema(metadata).children.map(({ element }) => ({
    name: element.name,
    type: typeOf(element),
    isNullable: element.repetition_type !== "REQUIRED",
  }));
  const head = await parquetReadObjects({ file: bytes, metadata, parsers, rowEnd: HEAD_ROWS });
  const rows = await parquetReadObjects({ file: bytes, metadata, parsers, columns: TOTALLED });
  return {
    rows: Number(metadata.num_rows),
    schema: columns,
    head: head.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cellOf(value)]))),
    totals: totalsOf(rows as unknown as readonly TotalledRow[], Date.parse(date)),
  };
}

interface Element {
  readonly type?: string | undefined;
  readonly converted_type?: string | undefined;
  readonly logical_type?: { readonly type: string } | undefined;
}

/** `timestamp`, `text`, `double`, `int32`. */
function typeOf({ type, converted_type: converted, logical_type: logical }: Element): string {
  const name = logical?.type ?? converted ?? type ?? "unknown";
  return name === "STRING" || name === "UTF8" ? "text" : name.toLowerCase();
}

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  return typeof value === "string" || typeof value === "number" ? value : String(value);
}

/** Totals as the API makes them: flow USD, without what was inferred. */
export function totalsOf(rows: readonly TotalledRow[], dayStart: number): DayTotals {
  const minutes = { long: new Float64Array(MINUTES), short: new Float64Array(MINUTES) };
  const venues = new Map<ExchangeName, VenueTotal>();
  for (const row of rows) {
    if (row.coverage === "inferred") continue;
    const { exchange, coverage, position_side: side } = row;
    const usd = flowUsd(row);
    const known = venues.get(exchange) ?? { exchange, coverage, events: 0, usd: { long: 0, short: 0 }, withoutUsd: 0 };
    venues.set(exchange, {
      ...known,
      events: known.events + 1,
      usd: { ...known.usd, [side]: known.usd[side] + (usd ?? 0) },
      withoutUsd: known.withoutUsd + Number(usd === null),
    });
    const minute = Math.floor((row.event_time - dayStart) / MINUTE_MS);
    if (minute >= 0 && minute < MINUTES) minutes[side][minute] = (minutes[side][minute] ?? 0) + (usd ?? 0);
  }
  const sum = ({ usd }: VenueTotal) => usd.long + usd.short;
  return { venues: [...venues.values()].toSorted((a, b) => sum(b) - sum(a)), minutes };
}
