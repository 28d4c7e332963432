import type { Data, DataType } from "apache-arrow";
import { Field, Float64, Int32, Int64, makeData, RecordBatch, Schema, Struct, Table, TimestampMillisecond, Utf8 } from "apache-arrow";
import type { ColumnSpec, FieldType } from "../liquidation-fields.ts";
import { textColumn } from "./text-column.ts";
import { UnstorableRowError, hasType, valueOf } from "../storable.ts";

/**
 * Arrow columns of rows. Every column is assembled from its buffers with `makeData`: the builders of Arrow
 * compile code from text, which Workers refuse.
 */

/** The Arrow type of each field type, and thereby its Parquet type. */
export const ARROW_TYPES = {
  text: new Utf8(),
  time: new TimestampMillisecond("UTC"),
  double: new Float64(),
  int32: new Int32(),
  int64: new Int64(),
} as const satisfies Record<FieldType, DataType>;

/**
 * Rows are read in blocks, each by all columns, so that a block is still in the processor's cache when the last column
 * reads it: column by column, 200,000 liquidations take three times as long.
 */
export const BLOCK_ROWS = 256;

/** A column while its values are being collected. */
interface OpenColumn {
  readonly field: ColumnSpec;
  /** Null for a column of numbers. */
  readonly texts: string[] | null;
  /** A double can hold every number of any of the types. */
  readonly numbers: Float64Array;
  readonly nullBitmap: Uint8Array;
  nullCount: number;
}

/** @throws {UnstorableRowError} naming the row and the field that has no value of its type */
export function arrowTable(fields: readonly ColumnSpec[], rows: readonly object[]): Table {
  const schema = new Schema(fields.map((field) => new Field(field.name, ARROW_TYPES[field.type], field.nullable)));
  const columns = fields.map((field) => openColumn(field, rows.length));
  for (let from = 0; from < rows.length; from += BLOCK_ROWS) {
    const to = Math.min(from + BLOCK_ROWS, rows.length);
    for (const column of columns) fill(column, rows, from, to);
  }
  const data = makeData({ type: new Struct(schema.fields), length: rows.length, nullCount: 0, children: columns.map(columnData) });
  return new Table(schema, [new RecordBatch(schema, data)]);
}

function openColumn(field: ColumnSpec, length: number): OpenColumn {
  const isText = field.type === "text";
  return {
    field,
    texts: isText ? Array<string>(length).fill("") : null,
    numbers: new Float64Array(isText ? 0 : length),
    nullBitmap: new Uint8Array(Math.ceil(length / 8)),
    nullCount: 0,
  };
}

/**
 * Writes the values of the rows `[from, to)` to their places. Places of null values stay unchanged.
 * @throws {UnstorableRowError} where a required field has no value of its type
 */
function fill(column: OpenColumn, rows: readonly object[], from: number, to: number): void {
  const { field, texts, numbers } = column;
  const valid = texts === null ? fillNumbers(column, rows, from, to, numbers) : fillTexts(column, rows, from, to, texts);
  column.nullCount += to - from - valid;
  if (field.nullable || valid === to - from) return;
  const unfit = rows.slice(from, to).find((row) => !hasType(field.type, valueOf(row, field)));
  if (unfit !== undefined) throw new UnstorableRowError(unfit, field);
}

/** A loop for texts and one for numbers, so that each is compiled for its own kind of value. Returns the valid values' number. */
function fillTexts({ field, nullBitmap }: OpenColumn, rows: readonly object[], from: number, to: number, texts: string[]): number {
  let valid = 0;
  for (let index = from; index < to; index++) {
    const value = valueIn(rows, index, field);
    if (!hasType("text", value)) continue;
    texts[index] = String(value);
    setBit(nullBitmap, index);
    valid += 1;
  }
  return valid;
}

function fillNumbers({ field, nullBitmap }: OpenColumn, rows: readonly object[], from: number, to: number, numbers: Float64Array): number {
  const { type } = field;
  let valid = 0;
  for (let index = from; index < to; index++) {
    const value = valueIn(rows, index, field);
    if (!hasType(type, value)) continue;
    numbers[index] = Number(value);
    setBit(nullBitmap, index);
    valid += 1;
  }
  return valid;
}

function valueIn(rows: readonly object[], index: number, field: ColumnSpec): unknown {
  const row = rows[index];
  return row === undefined ? undefined : valueOf(row, field);
}

function setBit(bits: Uint8Array, index: number): void {
  bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
}

function columnData({ field: { type }, texts, numbers, nullBitmap, nullCount }: OpenColumn): Data {
  if (texts !== null) return textColumn(texts, { nullCount, nullBitmap });
  const shape = { length: numbers.length, nullCount, nullBitmap };
  switch (type) {
    case "double":
      return makeData({ ...shape, type: ARROW_TYPES[type], data: numbers });
    case "int32":
      return makeData({ ...shape, type: ARROW_TYPES[type], data: new Int32Array(numbers) });
    case "int64":
      return makeData({ ...shape, type: ARROW_TYPES[type], data: int64s(numbers) });
    case "time":
      return makeData({ ...shape, type: ARROW_TYPES[type], data: int64s(numbers) });
    case "text":
      throw new RangeError("a column of texts has no numbers");
  }
}

/** Safe integers as 64-bit integers, written as two words each: a BigInt per value takes ten times as long. */
function int64s(numbers: Float64Array): BigInt64Array {
  const words = new Int32Array(2 * numbers.length);
  for (let index = 0; index < numbers.length; index++) {
    const value = numbers[index] ?? 0;
    words[2 * index] = value;
    words[2 * index + 1] = Math.floor(value / 2 ** 32);
  }
  return new BigInt64Array(words.buffer);
}
