import { z } from "zod";
import { utcDate } from "../batch-object.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import type { Liquidation } from "../liquidation.ts";

export const EXPORT_FORMATS = ["parquet", "csv", "json", "ndjson"] as const;
export const COMPRESSIONS = ["none", "gzip"] as const;

/** The range and filters of an export; times in ms, `[start, end)` by event time. */
export const exportRequest = z
  .object({
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
    inferred: z
      .boolean()
      .meta({ description: "True where liquidations are included that no venue reported and that were inferred from market data." }),
  })
  .readonly()
  .meta({ id: "ExportRequest", description: "Range and filters of an export; the range is `[start, end)` by event time." });

export type ExportRequest = z.output<typeof exportRequest>;
export type ExportFormat = ExportRequest["format"];

/** Whether a row passes the filters; the caller checks its time. */
export function rowFilter({ symbols, exchanges, inferred }: ExportRequest): (row: Liquidation) => boolean {
  const wantedSymbols = symbols === null ? null : new Set(symbols);
  const wantedExchanges = exchanges === null ? null : new Set<string>(exchanges);
  return (row) =>
    (wantedSymbols === null || wantedSymbols.has(row.symbol)) &&
    (wantedExchanges === null || wantedExchanges.has(row.exchange)) &&
    (inferred || row.coverage !== "inferred");
}

/** Up to this many rows an export is one file; a larger one has one file per UTC date. */
export const ONE_FILE_ROWS = 100_000;

/** The name of a file of an export: for one date, or for the whole range where `date` is null. */
export function exportFileName(request: ExportRequest, date: string | null): string {
  const span = date === null ? `${compactTime(request.start)}_${compactTime(request.end)}` : date.replaceAll("-", "");
  return `liquidations_${span}.${request.format}${request.compression === "gzip" ? ".gz" : ""}`;
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
