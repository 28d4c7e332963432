import { type Table as ArrowTable, tableToIPC } from "apache-arrow";
import type { WriterProperties } from "parquet-wasm/esm";
import { Compression, EnabledStatistics, Table, writeParquet, WriterPropertiesBuilder } from "parquet-wasm/esm";
import type { Liquidation } from "../liquidation.ts";
import { type ColumnSpec, LIQUIDATION_FIELDS, SCHEMA_VERSION } from "../liquidation-fields.ts";
import { MARK_SCHEMA_VERSION, MINUTE_MARK_FIELDS } from "../minute-mark-fields.ts";
import type { MinuteMark } from "../minute-mark.ts";
import { arrowTable } from "./columns.ts";
import { columnEncoding } from "./encodings.ts";
import { gather } from "./gather.ts";
import type { RowPlace } from "./stored-rows.ts";

/**
 * The only metadata key of ours, with a JSON object as its value. One key, because the writer orders several keys
 * differently from file to file, and the same rows must give the same bytes.
 */
export const METADATA_KEY = "liquidations";

/** https://www.iana.org/assignments/media-types/application/vnd.apache.parquet */
export const PARQUET_CONTENT_TYPE = "application/vnd.apache.parquet";

const ROW_GROUP_ROWS = 50_000;

export interface EncodeOptions {
  /** Joins `schema_version` and `rows` in the metadata object of the file, in the given order. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The names of the columns; null or omitted for all. */
  readonly columns?: readonly string[] | null;
}

/**
 * A Snappy-compressed Parquet file of the rows in the given order, with all fields of `LIQUIDATION_FIELDS`, or those
 * asked for, and statistics. The same rows and metadata give the same bytes; without rows the file has only the schema. `initParquet`
 * must have been called.
 * @throws {UnstorableRowError} where a row lacks a required field; `storableRows` removes such rows
 */
export function encodeLiquidations(rows: readonly Liquidation[], { metadata, columns = null }: EncodeOptions): Uint8Array {
  return encodeRows(LIQUIDATION_FIELDS, rows, { metadata: { schema_version: SCHEMA_VERSION, rows: rows.length, ...metadata }, columns });
}

/** The same for minute marks, with the fields of `MINUTE_MARK_FIELDS`. */
export function encodeMinuteMarks(rows: readonly MinuteMark[], { metadata, columns = null }: EncodeOptions): Uint8Array {
  const about = { kind: "minute_marks", schema_version: MARK_SCHEMA_VERSION, rows: rows.length, ...metadata };
  return encodeRows(MINUTE_MARK_FIELDS, rows, { metadata: about, columns });
}

/**
 * The same for rows that are in columns already, of either kind; the metadata is for the caller to complete.
 * @throws {UnstorableRowError} where a row lacks a required field
 */
export function encodePlaces(
  fields: readonly ColumnSpec[],
  places: readonly RowPlace[],
  { metadata, columns = null }: EncodeOptions,
): Uint8Array {
  return encodeTable(fields, gather(wantedFields(fields, columns), places), metadata);
}

function encodeRows(fields: readonly ColumnSpec[], rows: readonly object[], { metadata, columns = null }: EncodeOptions): Uint8Array {
  return encodeTable(fields, arrowTable(wantedFields(fields, columns), rows), metadata);
}

function wantedFields(fields: readonly ColumnSpec[], columns: readonly string[] | null): readonly ColumnSpec[] {
  return columns === null ? fields : fields.filter(({ name }) => columns.includes(name));
}

function encodeTable(fields: readonly ColumnSpec[], rows: ArrowTable, metadata: EncodeOptions["metadata"]): Uint8Array {
  const table = Table.fromIPCStream(tableToIPC(rows, "stream"));
  // Both arguments are consumed, so nothing is left to free in the memory of the module.
  return writeParquet(table, writerProperties(metadata, fields));
}

/** The writer settings of every file; `metadata` is its metadata object. */
export function writerProperties(
  metadata: Readonly<Record<string, unknown>>,
  fields: readonly ColumnSpec[] = LIQUIDATION_FIELDS,
): WriterProperties {
  let builder = new WriterPropertiesBuilder()
    .setCompression(Compression.SNAPPY)
    .setStatisticsEnabled(EnabledStatistics.Chunk)
    .setMaxRowGroupSize(ROW_GROUP_ROWS)
    .setKeyValueMetadata(new Map([[METADATA_KEY, JSON.stringify(metadata)]]));
  for (const field of fields) {
    const encoding = columnEncoding(field);
    builder = builder.setColumnDictionaryEnabled(field.name, encoding.dictionary);
    if (!encoding.dictionary) builder = builder.setColumnEncoding(field.name, encoding.encoding);
  }
  return builder.build();
}
