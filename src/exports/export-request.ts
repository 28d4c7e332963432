import { z } from "zod";
import { utcDate } from "../batch-object.ts";
import { ESTIMATED_TOTAL_COLUMNS } from "../estimates/estimated-total-fields.ts";
import { EXCHANGES, LIQUIDATION_FIELDS, POSITION_SIDES } from "../liquidation-fields.ts";
import { MINUTE_MARK_COLUMNS } from "../minute-mark-fields.ts";
import type { Liquidation } from "../liquidation.ts";
import { EXPORT_KINDS } from "./export-kind.ts";

/** The names of all columns of each kind of rows, in their order. */
export const COLUMNS = {
  liquidations: LIQUIDATION_FIELDS.map(({ name }) => name),
  minute_marks: MINUTE_MARK_COLUMNS,
  estimated_totals: ESTIMATED_TOTAL_COLUMNS,
} as const;

/** Every name of a column, whatever the rows. */
export const COLUMN_NAMES = [...new Set(EXPORT_KINDS.flatMap((kind): readonly (typeof COLUMNS)[typeof kind][number][] => COLUMNS[kind]))];
export type ColumnName = (typeof COLUMN_NAMES)[number];

export const EXPORT_FORMATS = ["parquet", "csv", "json", "ndjson"] as const;
export const COMPRESSIONS = ["none", "gzip"] as const;

/** The range and filters of an export; times in ms, `[start, end)` by event time, or by minute. */
export const exportRequest = z
  .object({
    // Exports that were created before there were marks to export are of liquidations.
    kind: z
      .enum(EXPORT_KINDS)
      .default("liquidations")
      .meta({ description: "The rows: liquidations, the minute marks of the venues, or their estimated totals by minute." }),
    start: z.int().meta({ description: "Start of the range, inclusive, milliseconds since 1970 UTC.", examples: [1_795_132_800_000] }),
    end: z.int().meta({ description: "End of the range, exclusive, milliseconds since 1970 UTC.", examples: [1_795_219_200_000] }),
    format: z.enum(EXPORT_FORMATS),
    compression: z.enum(COMPRESSIONS).meta({ description: "Compression of the files. Parquet is always compressed internally." }),
    symbols: z
      .array(z.string())
      .nullable()
      .meta({ description: "Base assets; null for all.", examples: [["BTC"]] }),
    exchanges: z
      .array(z.enum(EXCHANGES))
      .nullable()
      .meta({ description: "Venues; null for all.", examples: [null] }),
    // Exports that were created before these filters existed have none of them.
    side: z
      .enum(POSITION_SIDES)
      .nullable()
      .default(null)
      .meta({ description: "Side of the closed positions; null for both.", examples: [null] }),
    min_usd: z
      .number()
      .nullable()
      .default(null)
      .meta({ description: "Minimum usd_value; null for all, also those of unknown value.", examples: [null] }),
    columns: z
      .array(z.enum(COLUMN_NAMES))
      .nullable()
      .default(null)
      .meta({ description: "Columns of the files, in the order of the data dictionary; null for all.", examples: [null] }),
    inferred: z
      .boolean()
      .meta({ description: "True where liquidations are included that no venue reported and that were inferred from market data." }),
  })
  .readonly()
  .meta({ id: "ExportRequest", description: "Range and filters of an export; the range is `[start, end)` by event time, or by minute." });

export type ExportRequest = z.output<typeof exportRequest>;
export type ExportFormat = ExportRequest["format"];

/** Whether every row and column of a range is wanted, except inferred rows. */
export function isWhole({ symbols, exchanges, side, min_usd, columns }: ExportRequest): boolean {
  return [symbols, exchanges, side, min_usd, columns].every((filter) => filter === null);
}

/** What the filters look at. */
type FilteredRow = Pick<Liquidation, "symbol" | "exchange" | "position_side" | "usd_value" | "coverage">;

/** Whether a row passes the filters; the caller checks its time. */
export function rowFilter({ symbols, exchanges, side, min_usd: minUsd, inferred }: ExportRequest): (row: FilteredRow) => boolean {
  const wantedSymbols = symbols === null ? null : new Set(symbols);
  const wantedExchanges = exchanges === null ? null : new Set<string>(exchanges);
  return (row) =>
    (wantedSymbols === null || wantedSymbols.has(row.symbol)) &&
    (wantedExchanges === null || wantedExchanges.has(row.exchange)) &&
    (side === null || row.position_side === side) &&
    (minUsd === null || (row.usd_value !== null && row.usd_value >= minUsd)) &&
    (inferred || row.coverage !== "inferred");
}

/** Up to this many rows an export is one file; a larger one has one file per UTC date. */
export const ONE_FILE_ROWS = 100_000;

/** The name of a file of an export: for one date, or for the whole range where `date` is null. */
export function exportFileName(request: ExportRequest, date: string | null): string {
  const span = date === null ? `${compactTime(request.start)}_${compactTime(request.end)}` : date.replaceAll("-", "");
  return `${request.kind}_${span}.${request.format}${request.compression === "gzip" ? ".gz" : ""}`;
}

/** ISO 8601 without characters that file names must not contain; milliseconds only if they are not 0. */
function compactTime(time: number): string {
  return new Date(time)
    .toISOString()
    .replaceAll(/[-:]|\.000/g, "")
    .replace(".", "");
}

/** The UTC dates that a range touches, oldest first. */
export function datesOf({ start, end }: { readonly start: number; readonly end: number }): readonly string[] {
  const dates: string[] = [];
  for (let time = start; time < end; time = Date.parse(utcDate(time)) + 86_400_000) dates.push(utcDate(time));
  return dates;
}
