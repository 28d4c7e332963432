import { z } from "zod";
import { utcDate } from "../batch-object.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import type { Liquidation } from "../liquidation.ts";

export const EXPORT_FORMATS = ["parquet", "csv", "json", "ndjson"] as const;
export const COMPRESSIONS = ["none", "gzip"] as const;

/** What an export holds, as it was read from its request; times in ms, `[start, end)` by event time. */
export const exportRequest = z
  .object({
    start: z.int().meta({ description: "In it, milliseconds since 1970 UTC.", examples: [1_795_132_800_000] }),
    end: z.int().meta({ description: "Not in it, milliseconds since 1970 UTC.", examples: [1_795_219_200_000] }),
    format: z.enum(EXPORT_FORMATS),
    compression: z.enum(COMPRESSIONS).meta({ description: "Of the whole file; Parquet is compressed inside." }),
    symbols: z
      .array(z.string())
      .nullable()
      .meta({ description: "Base assets; null for all.", examples: [["BTC"]] }),
    exchanges: z
      .array(z.enum(EXCHANGES))
      .nullable()
      .meta({ description: "Venues; null for all.", examples: [null] }),
    inferred: z.boolean().meta({ description: "Whether rows that no venue reported, but were inferred, are in it." }),
  })
  .readonly()
  .meta({ id: "ExportRequest", description: "What an export holds, `[start, end)` by event time." });

export type ExportRequest = z.output<typeof exportRequest>;
export type ExportFormat = ExportRequest["format"];

/** Whether a row is one of those asked for; its time is the caller's to see to. */
export function rowFilter({ symbols, exchanges, inferred }: ExportRequest): (row: Liquidation) => boolean {
  const wantedSymbols = symbols === null ? null : new Set(symbols);
  const wantedExchanges = exchanges === null ? null : new Set<string>(exchanges);
  return (row) =>
    (wantedSymbols === null || wantedSymbols.has(row.symbol)) &&
    (wantedExchanges === null || wantedExchanges.has(row.exchange)) &&
    (inferred || row.coverage !== "inferred");
}

/** Up to so many rows an export is one file; one with more has a file a UTC date. */
export const ONE_FILE_ROWS = 100_000;

/** The name of an export's file: of one date, or of the whole range where `date` is null. */
export function exportFileName(request: ExportRequest, date: string | null): string {
  const span = date === null ? `${compactTime(request.start)}_${compactTime(request.end)}` : date.replaceAll("-", "");
  return `liquidations_${span}.${request.format}${request.compression === "gzip" ? ".gz" : ""}`;
}

/** ISO 8601 without what file names may not hold; milliseconds only where there are some. */
function compactTime(time: number): string {
  return new Date(time)
    .toISOString()
    .replaceAll(/[-:]|\.000/g, "")
    .replace(".", "");
}

/** The UTC dates a range touches, the first first. */
export function datesOf({ start, end }: { readonly start: number; readonly end: number }): readonly string[] {
  const dates: string[] = [];
  for (let time = start; time < end; time = Date.parse(utcDate(time)) + 86_400_000) dates.push(utcDate(time));
  return dates;
}
