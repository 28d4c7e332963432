import { COLUMN_NAMES, type ExportFormat, type ExportRequest, ONE_FILE_ROWS } from "./export-request.ts";

/** Bytes per row, measured by `npm run bench -- export` over rows with nearly all fields known. */
const BYTES_PER_ROW: Readonly<Record<ExportFormat, Readonly<Record<ExportRequest["compression"], number>>>> = {
  parquet: { none: 170, gzip: 170 },
  csv: { none: 570, gzip: 190 },
  json: { none: 1_510, gzip: 230 },
  ndjson: { none: 1_510, gzip: 230 },
};

export function estimateBytes(rows: number, { format, compression, columns }: ExportRequest): number {
  const share = columns === null ? 1 : columns.length / COLUMN_NAMES.length;
  return Math.ceil(rows * share * BYTES_PER_ROW[format][compression]);
}

/** The estimated number of files, for a number of rows and of UTC dates. */
export function estimateFiles(rows: number, dates: number): number {
  return rows <= ONE_FILE_ROWS ? 1 : dates;
}
