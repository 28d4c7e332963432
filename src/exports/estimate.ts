import type { ExportKind } from "./export-kind.ts";
import { COLUMNS, type ExportFormat, type ExportRequest, ONE_FILE_ROWS } from "./export-request.ts";

type BytesPerRow = Readonly<Record<ExportFormat, Readonly<Record<ExportRequest["compression"], number>>>>;

/**
 * Bytes per row. Liquidations: measured by `npm run bench -- export` over rows with nearly all fields known. Minute marks:
 * a day of three base assets on four venues, with all fields known. Estimated totals: 6,000 rows of three venues, a third withheld.
 */
const BYTES_PER_ROW: Readonly<Record<ExportKind, BytesPerRow>> = {
  liquidations: {
    parquet: { none: 170, gzip: 170 },
    csv: { none: 570, gzip: 190 },
    json: { none: 1_510, gzip: 230 },
    ndjson: { none: 1_510, gzip: 230 },
  },
  minute_marks: {
    parquet: { none: 31, gzip: 31 },
    csv: { none: 102, gzip: 29 },
    json: { none: 216, gzip: 32 },
    ndjson: { none: 216, gzip: 32 },
  },
  estimated_totals: {
    parquet: { none: 23, gzip: 23 },
    csv: { none: 114, gzip: 19 },
    json: { none: 294, gzip: 23 },
    ndjson: { none: 294, gzip: 23 },
  },
};

export function estimateBytes(rows: number, { kind, format, compression, columns }: ExportRequest): number {
  const share = columns === null ? 1 : columns.length / COLUMNS[kind].length;
  return Math.ceil(rows * share * BYTES_PER_ROW[kind][format][compression]);
}

/** The estimated number of files, for a number of rows and of UTC dates. */
export function estimateFiles(rows: number, dates: number): number {
  return rows <= ONE_FILE_ROWS ? 1 : dates;
}
