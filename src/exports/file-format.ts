import type { ColumnSpec } from "../liquidation-fields.ts";
import { BLOCK_ROWS } from "../parquet/columns.ts";
import { readStoredBatches } from "../parquet/decode.ts";
import { type EncodeOptions, PARQUET_CONTENT_TYPE, encodePlaces } from "../parquet/encode.ts";
import type { RowPlace, StoredRows } from "../parquet/stored-rows.ts";
import { csvHeader } from "./csv.ts";
import { ROWS_OF_KIND } from "./export-kind.ts";
import { COLUMNS, type ColumnName, type ExportFormat, type ExportRequest } from "./export-request.ts";
import { CSV_SHAPE, ColumnText, JSON_SHAPE, NDJSON_SHAPE, type TextShape } from "./text-columns.ts";

/**
 * A text format: a file is `head`, the rows with `shape.between` between them, and `tail`. `head` and `tail` alone are a
 * valid file without rows.
 */
interface TextFormat {
  readonly head: (columns: readonly ColumnName[]) => string;
  readonly tail: string;
  readonly shape: TextShape;
}

export const TEXT_FORMATS: Readonly<Record<Exclude<ExportFormat, "parquet">, TextFormat>> = {
  csv: { head: csvHeader, tail: "", shape: CSV_SHAPE },
  json: { head: () => "[\n", tail: "\n]\n", shape: JSON_SHAPE },
  ndjson: { head: () => "", tail: "", shape: NDJSON_SHAPE },
};

/** The columns of an export's files. */
export function columnsOf({ kind, columns }: Pick<ExportRequest, "kind" | "columns">): readonly ColumnName[] {
  return columns ?? COLUMNS[kind];
}

/** The version of the list of fields of an export's rows. */
export function schemaVersionOf({ kind }: Pick<ExportRequest, "kind">): number {
  return ROWS_OF_KIND[kind].schemaVersion;
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

/** The fields of an export's rows, of which its files have some or all as columns. */
export function fieldsOf({ kind }: Pick<ExportRequest, "kind">): readonly ColumnSpec[] {
  return ROWS_OF_KIND[kind].fields;
}

/** A Parquet file of rows in columns, with the columns of a request. */
export function encodePiece(request: Pick<ExportRequest, "kind" | "columns">, places: readonly RowPlace[]): Uint8Array {
  const { columns } = request;
  return encodePlaces(fieldsOf(request), places, { metadata: { schema_version: schemaVersionOf(request), rows: places.length }, columns });
}

/** A Parquet file of the columns of a request, without rows. */
export function emptyParquet(request: Pick<ExportRequest, "kind" | "columns">, metadata: EncodeOptions["metadata"]): Uint8Array {
  return encodePlaces(fieldsOf(request), [], { metadata, columns: request.columns });
}

const encoder = new TextEncoder();

/** Rows that are taken out of the Parquet module, and compressed, at the same time. */
const TEXT_ROWS = 5_000;

/**
 * The text of an export's file, in pieces that are to be joined: its head, the rows of Parquet files of its columns, one
 * after the other, and its tail. Concatenated gzip members are a valid gzip file (RFC 1952), so each piece is
 * compressed separately.
 */
export class FileText {
  readonly #request: ExportRequest;
  readonly #format: TextFormat;
  readonly #text: ColumnText;
  #isBegun = false;

  constructor(request: ExportRequest & { readonly format: Exclude<ExportFormat, "parquet"> }) {
    this.#request = request;
    this.#format = TEXT_FORMATS[request.format];
    this.#text = new ColumnText(this.#format.shape, columnsOf(request));
  }

  head(): Promise<Uint8Array> {
    return this.#piece([encoder.encode(this.#format.head(columnsOf(this.#request)))]);
  }

  /**
   * The rows of a Parquet file as the next of the file, some at a time. A piece may be overwritten as soon as the next one is
   * asked for. `initParquet` must have been called.
   * @throws {UnreadableFileError} where it is not a file of such rows
   */
  async *rows(file: Uint8Array): AsyncGenerator<Uint8Array> {
    const columns = columnsOf(this.#request);
    const fields = fieldsOf(this.#request).filter(({ name }) => columns.some((column) => column === name));
    for (const stored of readStoredBatches(fields, file, TEXT_ROWS)) {
      if (this.#request.compression === "none") yield* this.#blocks(stored);
      else yield await this.#piece(Array.from(this.#blocks(stored), (block) => block.slice()));
    }
  }

  *#blocks(stored: StoredRows): Generator<Uint8Array> {
    for (let from = 0; from < stored.length; from += BLOCK_ROWS) {
      this.#isBegun = true;
      yield this.#text.write(stored, from, Math.min(from + BLOCK_ROWS, stored.length));
    }
  }

  /** An empty byte sequence is not a gzip file, so a file without head and rows still gets a member. */
  tail(): Promise<Uint8Array> {
    const isNothing = !this.#isBegun && this.#format.head(columnsOf(this.#request)) === "";
    return this.#piece([encoder.encode(this.#format.tail)], isNothing);
  }

  async #piece(chunks: readonly Uint8Array[], isNeeded = false): Promise<Uint8Array> {
    const bytes = joined(chunks);
    if (this.#request.compression === "none" || (bytes.length === 0 && !isNeeded)) return bytes;
    const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
