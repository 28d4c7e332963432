import { tableToIPC } from "apache-arrow";
import type { WriterProperties } from "parquet-wasm/esm";
import { Compression, EnabledStatistics, Table, writeParquet, WriterPropertiesBuilder } from "parquet-wasm/esm";
import type { Liquidation } from "../liquidation.ts";
import { LIQUIDATION_FIELDS, SCHEMA_VERSION } from "../liquidation-fields.ts";
import { liquidationTable } from "./columns.ts";
import { columnEncoding } from "./encodings.ts";

/**
 * The file's one key of metadata of ours, whose value is a JSON object. One key, since the writer puts several in an
 * order that differs from file to file, and the same rows shall give the same bytes.
 */
export const METADATA_KEY = "liquidations";

/** https://www.iana.org/assignments/media-types/application/vnd.apache.parquet */
export const PARQUET_CONTENT_TYPE = "application/vnd.apache.parquet";

const ROW_GROUP_ROWS = 50_000;

export interface EncodeOptions {
  /** Joins `schema_version` and `rows` in the file's metadata object, in the order given. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * A Snappy-compressed Parquet file of the rows in the order given, all fields of `LIQUIDATION_FIELDS`, with
 * statistics. The same rows and metadata give the same bytes; no rows give a file with the schema alone. `initParquet`
 * must have been called.
 * @throws {UnstorableRowError} where a row lacks a field that may not be null; `storableRows` leaves such rows out
 */
export function encodeLiquidations(rows: readonly Liquidation[], { metadata }: EncodeOptions): Uint8Array {
  const table = Table.fromIPCStream(tableToIPC(liquidationTable(rows), "stream"));
  // Both arguments are consumed, so nothing is left to free in the module's memory.
  return writeParquet(table, writerProperties({ schema_version: SCHEMA_VERSION, rows: rows.length, ...metadata }));
}

/** How every file of liquidations is written; `metadata` is its metadata object. */
export function writerProperties(metadata: Readonly<Record<string, unknown>>): WriterProperties {
  let builder = new WriterPropertiesBuilder()
    .setCompression(Compression.SNAPPY)
    .setStatisticsEnabled(EnabledStatistics.Chunk)
    .setMaxRowGroupSize(ROW_GROUP_ROWS)
    .setKeyValueMetadata(new Map([[METADATA_KEY, JSON.stringify(metadata)]]));
  for (const field of LIQUIDATION_FIELDS) {
    const encoding = columnEncoding(field);
    builder = builder.setColumnDictionaryEnabled(field.name, encoding.dictionary);
    if (!encoding.dictionary) builder = builder.setColumnEncoding(field.name, encoding.encoding);
  }
  return builder.build();
}
