import type { Liquidation } from "../liquidation.ts";
import { PARQUET_CONTENT_TYPE, encodeLiquidations } from "../parquet/encode.ts";
import { csvHeader, csvRows } from "./csv.ts";
import { COLUMN_NAMES, type ColumnName, type ExportFormat, type ExportRequest } from "./export-request.ts";

/**
 * A text format with files that are joined from pieces: `head`, the pieces separated by `separator`, and `tail`. `head`
 * and `tail` alone are a valid file without rows.
 */
interface TextFormat {
  readonly head: (columns: readonly ColumnName[]) => string;
  readonly separator: string;
  readonly tail: string;
  readonly rows: (rows: readonly Liquidation[], columns: readonly ColumnName[]) => string;
}

export const TEXT_FORMATS: Readonly<Record<Exclude<ExportFormat, "parquet">, TextFormat>> = {
  csv: { head: csvHeader, separator: "", tail: "", rows: csvRows },
  json: { head: () => "[\n", separator: ",\n", tail: "\n]\n", rows: (rows, columns) => jsonRows(rows, columns).join(",\n") },
  ndjson: {
    head: () => "",
    separator: "",
    tail: "",
    rows: (rows, columns) =>
      jsonRows(rows, columns)
        .map((text) => `${text}\n`)
        .join(""),
  },
};

function jsonRows(rows: readonly Liquidation[], columns: readonly ColumnName[]): readonly string[] {
  return rows.map((row) => JSON.stringify(Object.fromEntries(columns.map((name) => [name, row[name]]))));
}

/** The columns of an export's files. */
export function columnsOf({ columns }: Pick<ExportRequest, "columns">): readonly ColumnName[] {
  return columns ?? COLUMN_NAMES;
}

const CONTENT_TYPES: Readonly<Record<ExportFormat, string>> = {
  parquet: PARQUET_CONTENT_TYPE,
  csv: "text/csv; charset=utf-8; header=present",
  json: "application/json",
  ndjson: "application/x-ndjson",
};

export function contentTypeOf({ format, compression }: Pick<ExportRequest, "format" | "compression">): string {
  return compression === "gzip" ? "application/gzip" : CONTENT_TYPES[format];
}

const encoder = new TextEncoder();

/** Encodes rows as a piece of a file. For Parquet, `initParquet` must have been called. */
export function encodePiece({ format, compression, columns }: ExportRequest, rows: readonly Liquidation[]): Promise<Uint8Array> {
  if (format === "parquet") return Promise.resolve(encodeLiquidations(rows, { metadata: {}, columns }));
  return encodeText(TEXT_FORMATS[format].rows(rows, columnsOf({ columns })), compression);
}

/** Concatenated gzip members are a valid gzip file (RFC 1952), so each piece is compressed separately. */
export async function encodeText(text: string, compression: ExportRequest["compression"]): Promise<Uint8Array> {
  const bytes = encoder.encode(text);
  if (compression === "none" || bytes.length === 0) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
