import type { Data, RecordBatch, Table as ArrowTable, Utf8 } from "apache-arrow";
import { DataType, tableFromIPC } from "apache-arrow";
import { readParquet } from "parquet-wasm/esm";
import type { Liquidation } from "../liquidation.ts";
import type { FieldSpec } from "../liquidation-fields.ts";
import { LIQUIDATION_FIELDS } from "../liquidation-fields.ts";
import { ARROW_TYPES } from "./columns.ts";

type Row = Record<string, string | number | null>;

// A text may begin with U+FEFF, which the decoder would drop as a byte order mark by default.
const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/**
 * Copies of an object that was parsed from JSON keep its layout. An object that gets its fields one by one under
 * computed names becomes a hash table of three times the size.
 */
const EMPTY_ROW = JSON.parse(JSON.stringify(Object.fromEntries(LIQUIDATION_FIELDS.map(({ name }) => [name, null])))) as Row;

/** A file that does not hold liquidations as described by `LIQUIDATION_FIELDS`. */
export class UnreadableFileError extends Error {
  override readonly name = "UnreadableFileError";
}

/** A range of consecutive rows. */
export interface RowsByPlace {
  readonly offset: number;
  readonly rows: number;
}

/**
 * The liquidations of a Parquet file, all or those of `part`, in the order of the file. A nullable column that the file
 * lacks, because its schema version is older, reads as null. `initParquet` must have been called.
 * @throws {UnreadableFileError} where the file is not Parquet, a column has another type, or a required column is
 *   missing or has nulls
 */
export function readLiquidations(bytes: Uint8Array, part: RowsByPlace | null = null): readonly Liquidation[] {
  const rows = arrowTable(bytes, part).batches.flatMap(batchRows);
  return rows as unknown as readonly Liquidation[];
}

function arrowTable(bytes: Uint8Array, part: RowsByPlace | null): ArrowTable {
  try {
    // Each call consumes its table, so nothing is left to free in the memory of the module.
    return tableFromIPC(readParquet(bytes, part === null ? null : { offset: part.offset, limit: part.rows }).intoIPCStream());
  } catch (error) {
    throw new UnreadableFileError(`not a readable Parquet file: ${String(error)}`, { cause: error });
  }
}

function batchRows(batch: RecordBatch): readonly Row[] {
  const rows = Array.from({ length: batch.numRows }, (): Row => ({ ...EMPTY_ROW }));
  for (const field of LIQUIDATION_FIELDS) {
    const data = batch.getChild(field.name)?.data[0];
    checkColumn(field, data);
    if (data === undefined) for (const row of rows) row[field.name] = null;
    else fillColumn(field.name, data, rows);
  }
  return rows;
}

function checkColumn(field: FieldSpec, data: Data | undefined): void {
  const wanted = String(ARROW_TYPES[field.type]);
  if (data !== undefined && String(data.type) !== wanted) {
    throw new UnreadableFileError(`column ${field.name} has type ${String(data.type)}, not ${wanted}`);
  }
  if (!field.nullable && data === undefined) throw new UnreadableFileError(`the file has no column ${field.name}`);
  if (!field.nullable && data?.nullCount !== 0) throw new UnreadableFileError(`column ${field.name} has nulls`);
}

function fillColumn(name: string, data: Data, rows: readonly Row[]): void {
  const values: ArrayLike<string | number | bigint> = DataType.isUtf8(data.type) ? texts(data as Data<Utf8>) : data.values;
  const whole = data.nullCount === 0;
  for (const [index, row] of rows.entries()) {
    const value = whole || data.getValid(index) ? values[index] : undefined;
    row[name] = typeof value === "bigint" ? Number(value) : (value ?? null);
  }
}

function texts(data: Data<Utf8>): readonly string[] {
  const { length, valueOffsets, values } = data;
  const start = valueOffsets[0] ?? 0;
  const bytes = values.subarray(start, valueOffsets[length]);
  const joined = decoder.decode(bytes);
  // As many UTF-16 units as bytes means ASCII, and the offsets count both.
  const ascii = joined.length === bytes.length;
  return Array.from({ length }, (_, index) => {
    const from = valueOffsets[index];
    const to = valueOffsets[index + 1];
    return ascii ? joined.slice((from ?? 0) - start, (to ?? 0) - start) : decoder.decode(values.subarray(from, to));
  });
}
