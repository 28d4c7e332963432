import { type RecordBatch as ModuleBatch, wasmMemory } from "parquet-wasm/esm";
import type { FieldType } from "../liquidation-fields.ts";
import type { StoredColumn } from "./stored-rows.ts";

/** The type of a column by Arrow's C data interface. */
const FORMATS = { text: "u", time: "tsm:UTC", double: "g", int32: "i", int64: "l" } as const satisfies Record<FieldType, string>;

/** A column in the memory of the module. */
export interface ModuleColumn {
  /** Null where no field of ours has its type. */
  readonly type: FieldType | null;
  /** The type as the interface spells it. */
  readonly format: string;
  readonly length: number;
  readonly nullCount: number;
  /** The row that the column begins with, in its buffers. */
  readonly offset: number;
  /** The address of the addresses of its buffers: the bitmap of valid rows, then values, or offsets and the bytes of texts. */
  readonly buffers: number;
}

/**
 * Hands the columns of a batch, by name, and a function that copies some of them, to `take`, and frees the batch. The columns are read
 * where the module has them (https://arrow.apache.org/docs/format/CDataInterface.html): as a stream of Arrow's messages they
 * would be written, copied and parsed, which takes as long as decoding where a file has a few dozen rows.
 */
export function takeColumns<Taken>(
  batch: ModuleBatch,
  take: (columns: ReadonlyMap<string, ModuleColumn>, copy: typeof copyColumns) => Taken,
): Taken {
  const exported = batch.intoFFI();
  try {
    return take(moduleColumns(exported.arrayAddr(), exported.schemaAddr()), copyColumns);
  } finally {
    exported.free();
  }
}

/** Where the fields that are read stand in the interface's structs, in words of 32 bits, of which its 64-bit integers take two. */
const ARRAY = { length: 0, nullCount: 2, offset: 4, childCount: 8, buffers: 10, children: 11 } as const;
const SCHEMA = { format: 0, name: 1, children: 8 } as const;

function moduleColumns(array: number, schema: number): ReadonlyMap<string, ModuleColumn> {
  const { buffer } = wasmMemory();
  const [words, bytes] = [new Uint32Array(buffer), new Uint8Array(buffer)];
  const word = (address: number, index: number): number => words[address / 4 + index] ?? 0;
  const columns = new Map<string, ModuleColumn>();
  for (let child = 0; child < word(array, ARRAY.childCount); child++) {
    const own = word(word(array, ARRAY.children), child);
    const about = word(word(schema, SCHEMA.children), child);
    const format = textAt(bytes, word(about, SCHEMA.format));
    columns.set(textAt(bytes, word(about, SCHEMA.name)), {
      type: TYPES.get(format) ?? null,
      format,
      length: word(own, ARRAY.length),
      nullCount: word(own, ARRAY.nullCount),
      offset: word(own, ARRAY.offset),
      buffers: word(own, ARRAY.buffers),
    });
  }
  return columns;
}

const TYPES: ReadonlyMap<string, FieldType> = new Map(
  Object.entries(FORMATS).map(([type, format]): [string, FieldType] => [format, type as FieldType]),
);

/** Our names and formats are ASCII; what another name in UTF-8 becomes is none of ours either. */
function textAt(bytes: Uint8Array, address: number): string {
  let text = "";
  let at = address;
  for (let byte = bytes[at] ?? 0; byte !== 0; byte = bytes[++at] ?? 0) text += String.fromCharCode(byte);
  return text;
}

/** Bytes of one value; of a text those of its offset. */
const WIDTHS = { text: 4, time: 8, double: 8, int32: 4, int64: 8 } as const satisfies Record<FieldType, number>;

/** Copies of columns of known types, all in one buffer: several small ones for each column would cost more than their bytes. */
function copyColumns(columns: readonly (ModuleColumn | null)[]): readonly (StoredColumn | null)[] {
  const memory = new Uint8Array(wasmMemory().buffer);
  const pieces = columns.map((column) => (column === null ? [] : piecesOf(memory, column)));
  const size = pieces.flat().reduce((sum, { bytes }) => sum + aligned(bytes), 0);
  const copy = new Uint8Array(size);
  let at = 0;
  return columns.map((column, index) => {
    if (column === null) return null;
    const places = (pieces[index] ?? []).map(({ address, bytes }) => {
      const place = at;
      copy.set(memory.subarray(address, address + bytes), place);
      at += aligned(bytes);
      return place;
    });
    return storedColumn(copy, column, places, pieces[index]?.[2]?.bytes ?? 0);
  });
}

interface Piece {
  readonly address: number;
  readonly bytes: number;
}

/** The buffers of a column up to its last row. */
function piecesOf(memory: Uint8Array, { type, length, nullCount, offset, buffers }: ModuleColumn): readonly Piece[] {
  if (type === null) throw new RangeError("a column of another type has no values to copy");
  const [bitmap = 0, values = 0, texts = 0] = new Uint32Array(memory.buffer, buffers, type === "text" ? 3 : 2);
  const end = offset + length;
  const valid = { address: bitmap, bytes: nullCount === 0 ? 0 : Math.ceil(end / 8) };
  if (type !== "text") return [valid, { address: values, bytes: end * WIDTHS[type] }];
  const ends = new Int32Array(memory.buffer, values, end + 1);
  return [valid, { address: values, bytes: (end + 1) * WIDTHS.text }, { address: texts, bytes: ends[end] ?? 0 }];
}

/** A view of any type of ours needs its bytes to begin at a multiple of 8. */
function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function storedColumn(copy: Uint8Array<ArrayBuffer>, column: ModuleColumn, places: readonly number[], textBytes: number): StoredColumn {
  const { type, length, nullCount, offset } = column;
  const [bitmap = 0, values = 0, texts = 0] = places;
  const { buffer } = copy;
  const shape = { length, nullCount, nullBitmap: nullCount === 0 ? NOTHING : bitsFrom(copy.subarray(bitmap), offset, length) };
  const first = values + offset * (type === null ? 0 : WIDTHS[type]);
  switch (type) {
    case "text":
      return { ...shape, values: copy.subarray(texts, texts + textBytes), valueOffsets: new Int32Array(buffer, first, length + 1) };
    case "double":
      return { ...shape, values: new Float64Array(buffer, first, length), valueOffsets: NO_OFFSETS };
    case "int32":
      return { ...shape, values: new Int32Array(buffer, first, length), valueOffsets: NO_OFFSETS };
    default:
      return { ...shape, values: new BigInt64Array(buffer, first, length), valueOffsets: NO_OFFSETS };
  }
}

const NOTHING = new Uint8Array();
const NO_OFFSETS = new Int32Array();

/** The bits of `length` rows from a row on, from the first bit on. */
function bitsFrom(bits: Uint8Array, row: number, length: number): Uint8Array {
  if (row % 8 === 0) return bits.subarray(row / 8, Math.ceil((row + length) / 8));
  const moved = new Uint8Array(Math.ceil(length / 8));
  for (let index = 0; index < length; index++) {
    const from = row + index;
    if (((bits[from >> 3] ?? 0) & (1 << (from & 7))) !== 0) moved[index >> 3] = (moved[index >> 3] ?? 0) | (1 << (index & 7));
  }
  return moved;
}
