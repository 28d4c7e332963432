import type { Data, DataType } from "apache-arrow";
import { Field, Float64, Int32, Int64, makeData, RecordBatch, Schema, Struct, Table, TimestampMillisecond, Utf8 } from "apache-arrow";
import type { Liquidation } from "../liquidation.ts";
import type { FieldType } from "../liquidation-fields.ts";
import { LIQUIDATION_FIELDS } from "../liquidation-fields.ts";
import { textColumn } from "./text-column.ts";
import type { Validity } from "./validity.ts";
import { UnstorableRowError, hasType } from "../storable.ts";

/**
 * Arrow columns of liquidations. Every column is assembled from its buffers with `makeData`: the builders of Arrow
 * compile code from text, which Workers refuse.
 */

type LiquidationField = (typeof LIQUIDATION_FIELDS)[number];

/** The Arrow type of each field type, and thereby its Parquet type. */
export const ARROW_TYPES = {
  text: new Utf8(),
  time: new TimestampMillisecond("UTC"),
  double: new Float64(),
  int32: new Int32(),
  int64: new Int64(),
} as const satisfies Record<FieldType, DataType>;

const arrowField = (field: LiquidationField): Field => new Field(field.name, ARROW_TYPES[field.type], field.nullable);
const SCHEMA = new Schema(LIQUIDATION_FIELDS.map(arrowField));

/**
 * @param columns the names of the columns; null for all
 * @throws {UnstorableRowError} naming the row and the field that has no value of its type
 */
export function liquidationTable(rows: readonly Liquidation[], columns: readonly string[] | null = null): Table {
  const fields = columns === null ? LIQUIDATION_FIELDS : LIQUIDATION_FIELDS.filter(({ name }) => columns.includes(name));
  const schema = columns === null ? SCHEMA : new Schema(fields.map(arrowField));
  const children = fields.map((field) => column(field, rows));
  const data = makeData({ type: new Struct(schema.fields), length: rows.length, nullCount: 0, children });
  return new Table(schema, [new RecordBatch(schema, data)]);
}

function column(field: LiquidationField, rows: readonly Liquidation[]): Data {
  const { type } = field;
  const length = rows.length;
  if (type === "text") {
    const texts = rows.map(() => "");
    return textColumn(texts, fill(field, rows, texts));
  }
  // A double can hold every number of any of these types.
  const numbers = new Float64Array(length);
  const shape = { length, ...fill(field, rows, numbers) };
  switch (type) {
    case "double":
      return makeData({ ...shape, type: ARROW_TYPES[type], data: numbers });
    case "int32":
      return makeData({ ...shape, type: ARROW_TYPES[type], data: new Int32Array(numbers) });
    case "int64":
      return makeData({ ...shape, type: ARROW_TYPES[type], data: BigInt64Array.from(numbers, BigInt) });
    case "time":
      return makeData({ ...shape, type: ARROW_TYPES[type], data: BigInt64Array.from(numbers, BigInt) });
  }
}

/** Writes each valid value to its place in `values`. Places of null values stay unchanged. */
function fill(field: LiquidationField, rows: readonly Liquidation[], values: (string | number)[] | Float64Array): Validity {
  const { name, type, nullable } = field;
  const nullBitmap = new Uint8Array(Math.ceil(rows.length / 8));
  let nullCount = 0;
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index];
    const value = row?.[name];
    if (hasType(type, value)) {
      nullBitmap[index >> 3] = (nullBitmap[index >> 3] ?? 0) | (1 << (index & 7));
      values[index] = value;
    } else if (row !== undefined && !nullable) throw new UnstorableRowError(row, field);
    else nullCount += 1;
  }
  return { nullCount, nullBitmap };
}
