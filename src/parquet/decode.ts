import { type RecordBatch as ModuleBatch, type ReaderOptions, readParquet } from "parquet-wasm/esm";
import type { Liquidation } from "../liquidation.ts";
import { type ColumnSpec, LIQUIDATION_FIELDS } from "../liquidation-fields.ts";
import { MINUTE_MARK_FIELDS } from "../minute-mark-fields.ts";
import type { MinuteMark } from "../minute-mark.ts";
import { ARROW_TYPES, BLOCK_ROWS } from "./columns.ts";
import { type ModuleColumn, takeColumns } from "./module-columns.ts";
import { type RowPlace, type StoredColumn, type StoredRows, int64At, isValid, textsOf, wordsOf } from "./stored-rows.ts";

type Row = Record<string, string | number | null>;

/**
 * Copies of an object that was parsed from JSON keep its layout. An object that gets its fields one by one under
 * computed names becomes a hash table of three times the size.
 */
function emptyRow(names: readonly string[]): Row {
  return JSON.parse(JSON.stringify(Object.fromEntries(names.map((name) => [name, null])))) as Row;
}

const EMPTY_LIQUIDATION = emptyRow(LIQUIDATION_FIELDS.map(({ name }) => name));
const EMPTY_MARK = emptyRow(MINUTE_MARK_FIELDS.map(({ name }) => name));

/** The fields by which rows are ordered, chosen and counted. */
const KEY_FIELDS = ["event_id", "exchange", "symbol", "event_time", "position_side", "usd_value", "coverage"] as const;
const EMPTY_KEY = { ...emptyRow(KEY_FIELDS), rows: null, row: 0 };

/** A liquidation in its columns, with the fields by which it is ordered, chosen and counted. */
export type PlacedLiquidation = Pick<Liquidation, (typeof KEY_FIELDS)[number]> & RowPlace;

/** A file that does not hold rows of the wanted fields. */
export class UnreadableFileError extends Error {
  override readonly name = "UnreadableFileError";
}

/** A range of consecutive rows. */
export interface RowsByPlace {
  readonly offset: number;
  readonly rows: number;
}

/**
 * The rows of a Parquet file as columns, all or those of `part`, in the order of the file. A nullable column that the file
 * lacks, because its schema version is older, is null. `initParquet` must have been called.
 * @throws {UnreadableFileError} where the file is not Parquet, a column has another type, or a required column is
 *   missing or has nulls
 */
export function readStoredRows(fields: readonly ColumnSpec[], bytes: Uint8Array, part: RowsByPlace | null = null): readonly StoredRows[] {
  return [...takenBatches(fields, recordBatches(bytes, placeOf(part)))];
}

/**
 * All rows of a Parquet file, at most `maxRows` at a time, with the same errors. The file is decoded once; its rows stay in
 * the memory of the module until they are taken.
 */
export function* readStoredBatches(fields: readonly ColumnSpec[], bytes: Uint8Array, maxRows: number): Generator<StoredRows> {
  yield* takenBatches(fields, recordBatches(bytes, { batchSize: maxRows }));
}

function placeOf(part: RowsByPlace | null): ReaderOptions {
  return part === null ? {} : { offset: part.offset, limit: part.rows, batchSize: part.rows };
}

/** Takes one batch after the other out of the memory of the module, in which nothing is left at the end. */
function* takenBatches(fields: readonly ColumnSpec[], waiting: ModuleBatch[]): Generator<StoredRows> {
  try {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) yield storedRows(fields, next);
  } finally {
    for (const batch of waiting) batch.free();
  }
}

function recordBatches(bytes: Uint8Array, options: ReaderOptions): ModuleBatch[] {
  try {
    const table = readParquet(bytes, options);
    const batches = table.recordBatches();
    table.free();
    return batches;
  } catch (error) {
    throw new UnreadableFileError(`not a readable Parquet file: ${String(error)}`, { cause: error });
  }
}

function storedRows(fields: readonly ColumnSpec[], batch: ModuleBatch): StoredRows {
  const length = batch.numRows;
  return takeColumns(batch, (columns, copy) => {
    const wanted = fields.map((field) => checkedColumn(field, columns.get(field.name)));
    return { fields, length, columns: copy(wanted) };
  });
}

/** The same as objects. */
export function readLiquidations(bytes: Uint8Array, part: RowsByPlace | null = null): readonly Liquidation[] {
  const rows = readStoredRows(LIQUIDATION_FIELDS, bytes, part).flatMap((stored) => filledRows(stored, EMPTY_LIQUIDATION));
  return rows as unknown as readonly Liquidation[];
}

/**
 * The rows of a file with these fields alone, which are the only columns that are decoded. A nullable column that the file
 * lacks is null.
 */
export function readSomeFields(fields: readonly ColumnSpec[], bytes: Uint8Array, part: RowsByPlace | null = null): readonly object[] {
  const columns = fields.map(({ name }) => name);
  const empty = emptyRow(columns);
  const batches = recordBatches(bytes, { ...placeOf(part), columns });
  return [...takenBatches(fields, batches)].flatMap((stored) => filledRows(stored, empty));
}

/** The same for a file of minute marks, with the fields of `MINUTE_MARK_FIELDS`. */
export function readMinuteMarks(bytes: Uint8Array, part: RowsByPlace | null = null): readonly MinuteMark[] {
  const rows = readStoredRows(MINUTE_MARK_FIELDS, bytes, part).flatMap((stored) => filledRows(stored, EMPTY_MARK));
  return rows as unknown as readonly MinuteMark[];
}

/** The liquidations of a file in their columns. */
export function placeLiquidations(bytes: Uint8Array, part: RowsByPlace | null = null): readonly PlacedLiquidation[] {
  return readStoredRows(LIQUIDATION_FIELDS, bytes, part).flatMap(placedLiquidations);
}

/** Liquidations in their columns. */
export function placedLiquidations(stored: StoredRows): readonly PlacedLiquidation[] {
  const placed = filledRows(stored, EMPTY_KEY) as unknown as { rows: StoredRows; row: number }[];
  for (const [row, key] of placed.entries()) {
    key.rows = stored;
    key.row = row;
  }
  return placed as unknown as readonly PlacedLiquidation[];
}

/** Liquidations in columns as objects. */
export function liquidationsAt(places: readonly RowPlace[]): readonly Liquidation[] {
  const records = new Map<StoredRows, readonly Row[]>();
  return places.map(({ rows, row }) => {
    const known = records.get(rows) ?? filledRows(rows, EMPTY_LIQUIDATION);
    records.set(rows, known);
    return known[row] as unknown as Liquidation;
  });
}

/** Null where the file lacks a nullable column. */
function checkedColumn(field: ColumnSpec, column: ModuleColumn | undefined): ModuleColumn | null {
  if (column !== undefined && column.type !== field.type) {
    const type = column.type === null ? column.format : String(ARROW_TYPES[column.type]);
    throw new UnreadableFileError(`column ${field.name} has type ${type}, not ${String(ARROW_TYPES[field.type])}`);
  }
  if (!field.nullable && column === undefined) throw new UnreadableFileError(`the file has no column ${field.name}`);
  if (!field.nullable && column?.nullCount !== 0) throw new UnreadableFileError(`column ${field.name} has nulls`);
  return column ?? null;
}

/** An object per row, each a copy of `empty` with those of its fields that the row has a value in. */
function filledRows({ fields, length, columns }: StoredRows, empty: Row | typeof EMPTY_KEY): readonly Row[] {
  const rows = Array.from({ length }, () => ({ ...empty }) as Row);
  const wanted = fields.flatMap((field, index): readonly FilledColumn[] => {
    const data = columns[index] ?? null;
    return data === null || !(field.name in empty) ? [] : [{ name: field.name, data, values: valuesOf(field, data) }];
  });
  // By blocks of rows, which then stay in the processor's cache while each column is copied into them.
  for (let from = 0; from < rows.length; from += BLOCK_ROWS) {
    const to = Math.min(from + BLOCK_ROWS, rows.length);
    for (const column of wanted) fillColumn(column, rows, from, to);
  }
  return rows;
}

interface FilledColumn {
  readonly name: string;
  readonly data: StoredColumn;
  readonly values: ArrayLike<string | number>;
}

function valuesOf({ type }: ColumnSpec, data: StoredColumn): ArrayLike<string | number> {
  if (type === "text") return textsOf(data);
  const { values } = data;
  if (!(values instanceof BigInt64Array)) return values;
  const words = wordsOf(values);
  const numbers = new Float64Array(data.length);
  for (let row = 0; row < numbers.length; row++) numbers[row] = int64At(words, row);
  return numbers;
}

function fillColumn({ name, data, values }: FilledColumn, rows: readonly Row[], from: number, to: number): void {
  for (let index = from; index < to; index++) {
    const row = rows[index];
    const value = values[index];
    if (row !== undefined && value !== undefined && isValid(data, index)) row[name] = value;
  }
}
