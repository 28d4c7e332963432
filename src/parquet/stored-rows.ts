import type { Data, Table } from "apache-arrow";
import type { ColumnSpec } from "../liquidation-fields.ts";
import { arrowTable } from "./columns.ts";

/**
 * Rows as columns: what a Parquet file decodes to, and what one is encoded from. A liquidation as an object of 62 fields
 * costs more to make than all its values cost to decode, so exports and daily files make none.
 */
export interface StoredRows {
  readonly fields: readonly ColumnSpec[];
  readonly length: number;
  /** One per field, of the Arrow type of the field; null where the rows have no value in it. */
  readonly columns: readonly (StoredColumn | null)[];
}

/** A column as Arrow lays it out. */
export interface StoredColumn {
  readonly length: number;
  readonly nullCount: number;
  /** A bit for each row, 1 where it has a value; may be empty where all have one. */
  readonly nullBitmap: Uint8Array;
  /** Numbers, or the UTF-8 of all texts. */
  readonly values: Float64Array | Int32Array | BigInt64Array | Uint8Array;
  /** Where each text begins in `values`, and the last one ends; empty for numbers. */
  readonly valueOffsets: Int32Array;
}

/** A row of some stored rows. */
export interface RowPlace {
  readonly rows: StoredRows;
  readonly row: number;
}

// A text may begin with U+FEFF, which the decoder would drop as a byte order mark by default.
const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** The batches of a table of all these fields. */
export function storedRowsOf(fields: readonly ColumnSpec[], table: Table): readonly StoredRows[] {
  return table.batches.map((batch) => ({
    fields,
    length: batch.numRows,
    columns: fields.map(({ name }) => {
      const data = batch.getChild(name)?.data[0];
      return data === undefined ? null : storedColumn(data);
    }),
  }));
}

function storedColumn({ length, nullCount, nullBitmap, values, valueOffsets }: Data): StoredColumn {
  return { length, nullCount, nullBitmap, values: values as StoredColumn["values"], valueOffsets: valueOffsets ?? NO_OFFSETS };
}

const NO_OFFSETS = new Int32Array();

/**
 * The values of objects as columns.
 * @throws {UnstorableRowError} where a required field has no value of its type
 */
export function storeRows(fields: readonly ColumnSpec[], rows: readonly object[]): StoredRows {
  const [stored] = storedRowsOf(fields, arrowTable(fields, rows));
  return stored ?? { fields, length: 0, columns: fields.map(() => null) };
}

export function isValid({ nullCount, nullBitmap }: Pick<StoredColumn, "nullCount" | "nullBitmap">, row: number): boolean {
  return nullCount === 0 || ((nullBitmap[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
}

/** A 64-bit integer from its two words: a BigInt per value takes ten times as long. Beyond 2^53 it is rounded, as `Number` does. */
export function int64At(words: Int32Array, row: number): number {
  return ((words[2 * row] ?? 0) >>> 0) + (words[2 * row + 1] ?? 0) * 2 ** 32;
}

export function wordsOf({ buffer, byteOffset, length }: BigInt64Array): Int32Array {
  return new Int32Array(buffer, byteOffset, 2 * length);
}

/** The texts of a column; those of null values are empty. */
export function textsOf({ length, valueOffsets, values }: StoredColumn): readonly string[] {
  const start = valueOffsets[0] ?? 0;
  const bytes = values.subarray(start, valueOffsets[length]);
  const joined = decoder.decode(bytes);
  // As many UTF-16 units as bytes means ASCII, and the offsets count both.
  const ascii = joined.length === bytes.length;
  const texts: string[] = [];
  for (let row = 0; row < length; row++) {
    const [from = 0, to = 0] = [valueOffsets[row], valueOffsets[row + 1]];
    texts.push(ascii ? joined.slice(from - start, to - start) : decoder.decode(values.subarray(from, to)));
  }
  return texts;
}
