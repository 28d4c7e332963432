import { tableToIPC } from "apache-arrow";
import type { WriterProperties } from "parquet-wasm/esm";
import { Compression, EnabledStatistics, Table, writeParquet, WriterPropertiesBuilder } from "parquet-wasm/esm";
import type { Liquidation } from "../liquidation.ts";
import { LIQUIDATION_FIELDS, SCHEMA_VERSION } from "../liquidation-fields.ts";
import { liquidationTable } from "./columns.ts";
import { columnEncoding } from "./encodings.ts";

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
  const table = Table.fromIPCStream(tableToIPC(liquidationTable(rows, columns), "stream"));
  // Both arguments are consumed, so nothing is left to free in the memory of the module.
  return writeParquet(table, writerProperties({ schema_version: SCHEMA_VERSION, rows: rows.length, ...metadata }));
}

/** The writer settings of every file of liquidations; `metadata` is its metadata object. */
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
