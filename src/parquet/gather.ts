import type { Data } from "apache-arrow";
import { Field, makeData, RecordBatch, Schema, Struct, Table, Utf8 } from "apache-arrow";
import type { ColumnSpec } from "../liquidation-fields.ts";
import { UnstorableRowError, hasType } from "../storable.ts";
import { ARROW_TYPES } from "./columns.ts";
import { type RowPlace, type StoredColumn, type StoredRows, int64At, isValid, wordsOf } from "./stored-rows.ts";

/**
 * Rows from several places as one table, column by column. A number that no file may hold, such as NaN, becomes null.
 * @throws {UnstorableRowError} where a required field would become null
 */
export function gather(fields: readonly ColumnSpec[], places: readonly RowPlace[]): Table {
  const sources = sourcesOf(places);
  const schema = new Schema(fields.map((field) => new Field(field.name, ARROW_TYPES[field.type], field.nullable)));
  const children = fields.map((field) => {
    const data = gatherColumn(field, sources, places.length);
    if (!field.nullable && data.nullCount > 0) throw unfitRow(field, places, data);
    return data;
  });
  const data = makeData({ type: new Struct(schema.fields), length: places.length, nullCount: 0, children });
  return new Table(schema, [new RecordBatch(schema, data)]);
}

/** Rows of one source, with the places that they are gathered to. */
interface Source {
  readonly rows: StoredRows;
  readonly from: number[];
  readonly to: number[];
}

function sourcesOf(places: readonly RowPlace[]): readonly Source[] {
  const sources = new Map<StoredRows, Source>();
  let last: Source | undefined;
  for (const [index, { rows, row }] of places.entries()) {
    if (last?.rows !== rows) {
      last = sources.get(rows) ?? { rows, from: [], to: [] };
      sources.set(rows, last);
    }
    last.from.push(row);
    last.to.push(index);
  }
  return [...sources.values()];
}

/** What a column is gathered from. */
interface SourceColumn extends Pick<Source, "from" | "to"> {
  readonly data: StoredColumn;
}

const NO_FIELDS: readonly ColumnSpec[] = [];

class Bits {
  readonly bitmap: Uint8Array;
  nullCount: number;

  constructor(length: number) {
    this.bitmap = new Uint8Array(Math.ceil(length / 8));
    this.nullCount = length;
  }

  set(index: number): void {
    this.bitmap[index >> 3] = (this.bitmap[index >> 3] ?? 0) | (1 << (index & 7));
    this.nullCount -= 1;
  }
}

function gatherColumn(field: ColumnSpec, sources: readonly Source[], length: number): Data {
  const columns: SourceColumn[] = [];
  let [fields, column] = [NO_FIELDS, -1];
  for (const { rows, from, to } of sources) {
    // Nearly all sources have the same fields.
    if (rows.fields !== fields) [fields, column] = [rows.fields, rows.fields.findIndex(({ name }) => name === field.name)];
    const data = rows.columns[column] ?? null;
    if (data !== null && data.nullCount < data.length) columns.push({ data, from, to });
  }
  switch (field.type) {
    case "text":
      return gatherTexts(columns, length);
    case "double":
      return gatherDoubles(columns, length);
    case "int32":
      return gatherInt32s(columns, length);
    case "int64":
    case "time":
      return gatherInt64s(field.type, columns, length);
  }
}

const MAX_LOOP_BYTES = 24;

function gatherTexts(columns: readonly SourceColumn[], length: number): Data {
  const valueOffsets = new Int32Array(length + 1);
  const bits = new Bits(length);
  for (const { data, from, to } of columns) {
    const offsets = data.valueOffsets;
    for (let index = 0; index < from.length; index++) {
      const row = from[index] ?? 0;
      if (!isValid(data, row)) continue;
      const place = to[index] ?? 0;
      valueOffsets[place + 1] = (offsets[row + 1] ?? 0) - (offsets[row] ?? 0);
      bits.set(place);
    }
  }
  for (let index = 0; index < length; index++) valueOffsets[index + 1] = (valueOffsets[index] ?? 0) + (valueOffsets[index + 1] ?? 0);
  const texts = new Uint8Array(valueOffsets[length] ?? 0);
  for (const { data, from, to } of columns) {
    const offsets = data.valueOffsets;
    const values = data.values as Uint8Array;
    for (let index = 0; index < from.length; index++) {
      const place = to[index] ?? 0;
      const end = valueOffsets[place + 1] ?? 0;
      let source = offsets[from[index] ?? 0] ?? 0;
      let at = valueOffsets[place] ?? 0;
      // Most texts are so short that a call to copy them would take longer than a loop.
      if (end - at > MAX_LOOP_BYTES) texts.set(values.subarray(source, source + end - at), at);
      else while (at < end) texts[at++] = values[source++] ?? 0;
    }
  }
  return makeData({ type: new Utf8(), length, nullCount: bits.nullCount, nullBitmap: bits.bitmap, valueOffsets, data: texts });
}

function gatherDoubles(columns: readonly SourceColumn[], length: number): Data {
  const numbers = new Float64Array(length);
  const bits = new Bits(length);
  for (const { data, from, to } of columns) {
    const values = data.values as Float64Array;
    for (let index = 0; index < from.length; index++) {
      const row = from[index] ?? 0;
      const value = values[row] ?? Number.NaN;
      if (!Number.isFinite(value) || !isValid(data, row)) continue;
      const place = to[index] ?? 0;
      numbers[place] = value;
      bits.set(place);
    }
  }
  return makeData({ type: ARROW_TYPES.double, length, nullCount: bits.nullCount, nullBitmap: bits.bitmap, data: numbers });
}

function gatherInt32s(columns: readonly SourceColumn[], length: number): Data {
  const numbers = new Int32Array(length);
  const bits = new Bits(length);
  for (const { data, from, to } of columns) {
    const values = data.values as Int32Array;
    for (let index = 0; index < from.length; index++) {
      const row = from[index] ?? 0;
      if (!isValid(data, row)) continue;
      const place = to[index] ?? 0;
      numbers[place] = values[row] ?? 0;
      bits.set(place);
    }
  }
  return makeData({ type: ARROW_TYPES.int32, length, nullCount: bits.nullCount, nullBitmap: bits.bitmap, data: numbers });
}

function gatherInt64s(type: "int64" | "time", columns: readonly SourceColumn[], length: number): Data {
  const words = new Int32Array(2 * length);
  const bits = new Bits(length);
  for (const { data, from, to } of columns) {
    const values = wordsOf(data.values as BigInt64Array);
    for (let index = 0; index < from.length; index++) {
      const row = from[index] ?? 0;
      if (!isValid(data, row) || !hasType(type, int64At(values, row))) continue;
      const place = to[index] ?? 0;
      words[2 * place] = values[2 * row] ?? 0;
      words[2 * place + 1] = values[2 * row + 1] ?? 0;
      bits.set(place);
    }
  }
  const shape = { length, nullCount: bits.nullCount, nullBitmap: bits.bitmap, data: new BigInt64Array(words.buffer) };
  return type === "time" ? makeData({ ...shape, type: ARROW_TYPES.time }) : makeData({ ...shape, type: ARROW_TYPES.int64 });
}

function unfitRow(field: ColumnSpec, places: readonly RowPlace[], data: Data): UnstorableRowError {
  const index = Array.from({ length: data.length }, (_, row) => row).find((row) => !isValid(data, row)) ?? 0;
  return new UnstorableRowError({ ...places[index], rows: undefined, [field.name]: null }, field);
}
