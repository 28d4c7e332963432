import type { ColumnSpec } from "../liquidation-fields.ts";
import { type StoredColumn, type StoredRows, isValid } from "../parquet/stored-rows.ts";
import { csvValue } from "./csv.ts";
import { type Numbers, numbersOf, putString } from "./text-numbers.ts";

/** How rows are spelled in a text format. */
export interface TextShape {
  /** Written before the value of a column. */
  readonly before: (column: string, index: number) => string;
  /** Written after the last value of a row. */
  readonly end: string;
  /** Written between two rows. */
  readonly between: string;
  /** A null. */
  readonly nothing: string;
  /** A number that is not finite. */
  readonly endless: (value: number) => string;
  /** 1 for each byte that a text may hold to be written unchanged between `quote`s. */
  readonly plain: Uint8Array;
  /** 1 for each byte that may be the first. An empty text is plain where there are quotes. */
  readonly plainFirst: Uint8Array;
  readonly quote: string;
  /** The spelling of a text that is not plain. */
  readonly escaped: (text: string) => string;
}

/** What one value of a number or a null takes at most, without what stands before it. */
const VALUE_BYTES = 32;
/** `\u0000` takes six bytes for one. */
const ESCAPED_BYTES = 6;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** The bytes that satisfy a condition. */
function bytesWhere(holds: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => Number(holds(byte)));
}

const isWord = (byte: number): boolean => /^\w$/.test(String.fromCharCode(byte)) && byte < 128;

export const CSV_SHAPE: TextShape = {
  before: (_, index) => (index === 0 ? "" : ","),
  end: "\r\n",
  between: "",
  nothing: "",
  endless: String,
  plain: bytesWhere((byte) => isWord(byte) || byte === 0x3a || byte === 0x2e || byte === 0x2d),
  plainFirst: bytesWhere(isWord),
  quote: "",
  escaped: csvValue,
};

/** JSON escapes quotes, backslashes and control characters; all else is written unchanged. */
const JSON_PLAIN = bytesWhere((byte) => byte >= 0x20 && byte !== 0x22 && byte !== 0x5c);

export const JSON_SHAPE: TextShape = {
  before: (column, index) => `${index === 0 ? "{" : ","}${JSON.stringify(column)}:`,
  end: "}",
  between: ",\n",
  nothing: "null",
  endless: () => "null",
  plain: JSON_PLAIN,
  plainFirst: JSON_PLAIN,
  quote: '"',
  escaped: (text) => JSON.stringify(text),
};

export const NDJSON_SHAPE: TextShape = { ...JSON_SHAPE, end: "}\n", between: "" };

/**
 * Writes rows in columns as text, again and again into the same memory: the numbers of a column are formatted together, and
 * texts are copied as the UTF-8 that they are unless they need to be escaped. No row becomes an object or a string.
 */
export class ColumnText {
  readonly #shape: TextShape;
  readonly #columns: readonly NamedColumn[];
  readonly #end: Ascii;
  readonly #between: Ascii;
  readonly #quote: Ascii;
  /** What a row takes at most, without its texts. */
  readonly #rowBytes: number;
  #buffer = new TextBuffer(0);
  #isBegun = false;

  constructor(shape: TextShape, columns: readonly string[]) {
    this.#shape = shape;
    this.#columns = columns.map((name, index) => {
      const before = shape.before(name, index);
      return { name, before: ascii(before), quoted: ascii(before + shape.quote), nothing: ascii(before + shape.nothing) };
    });
    this.#end = ascii(shape.end);
    this.#between = ascii(shape.between);
    this.#quote = ascii(shape.quote);
    const fixed = [...this.#columns.map(({ before }) => before), this.#end, this.#between].reduce((sum, { length }) => sum + length, 0);
    this.#rowBytes = fixed + columns.length * VALUE_BYTES;
  }

  /**
   * The text of the rows `[from, to)`, which follow those of the calls before. The bytes are overwritten by the next call.
   */
  write(rows: StoredRows, from: number, to: number): Uint8Array {
    const columns = this.#columns.map((column) => openColumn(column, columnOf(rows, column.name), from, to, this.#shape));
    const textSize = columns.reduce((sum, { data }) => sum + ESCAPED_BYTES * textBytes(data, from, to), 0);
    const buffer = this.#reserve((to - from) * this.#rowBytes + textSize);
    let at = 0;
    for (let row = from; row < to; row++) {
      if (this.#isBegun) at = buffer.put(at, this.#between);
      this.#isBegun = true;
      for (const column of columns) {
        if (column.data === null || !isValid(column.data, row)) at = buffer.put(at, column.named.nothing);
        else if (column.numbers === null) at = this.#putText(buffer, at, column.named, column.data, row);
        else at = column.numbers.put(buffer.bytes, buffer.put(at, column.named.before), row);
      }
      at = buffer.put(at, this.#end);
    }
    return buffer.bytes.subarray(0, at);
  }

  #reserve(bytes: number): TextBuffer {
    if (this.#buffer.size < bytes) this.#buffer = new TextBuffer(bytes);
    return this.#buffer;
  }

  /** Returns where the text ends. */
  #putText(buffer: TextBuffer, start: number, named: NamedColumn, { values, valueOffsets }: StoredColumn, row: number): number {
    const { plain, plainFirst, quote, escaped } = this.#shape;
    const [first, end] = [valueOffsets[row] ?? 0, valueOffsets[row + 1] ?? 0];
    const [from, to] = [values as Uint8Array, buffer.bytes];
    const isBegun = first === end ? quote !== "" : plainFirst[from[first] ?? 0] === 1;
    if (isBegun) {
      let at = buffer.put(start, named.quoted);
      let next = first;
      for (; next < end; next++) {
        const byte = from[next] ?? 0;
        if (plain[byte] === 0) break;
        to[at++] = byte;
      }
      if (next === end) return buffer.put(at, this.#quote);
    }
    return putString(to, buffer.put(start, named.before), escaped(decoder.decode(from.subarray(first, end))));
  }
}

/** A short text that is written again and again. */
interface Ascii {
  readonly length: number;
  /** Its bytes, four at a time, least significant first; the last ones filled with zeros. */
  readonly words: Uint32Array;
}

const WORD_BYTES = 4;

function ascii(text: string): Ascii {
  const bytes = encoder.encode(text);
  const padded = new Uint8Array(Math.ceil(bytes.length / WORD_BYTES) * WORD_BYTES);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  const words = Uint32Array.from({ length: padded.length / WORD_BYTES }, (_, word) => view.getUint32(word * WORD_BYTES, true));
  return { length: bytes.length, words };
}

/** Memory for text of up to `size` bytes. */
class TextBuffer {
  readonly size: number;
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(size: number) {
    this.size = size;
    this.bytes = new Uint8Array(size + WORD_BYTES);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Writes a short text by words, which is faster than byte by byte; what follows overwrites its zeros. Returns where it ends. */
  put(start: number, { length, words }: Ascii): number {
    const view = this.#view;
    for (let word = 0; word < words.length; word++) view.setUint32(start + word * WORD_BYTES, words[word] ?? 0, true);
    return start + length;
  }
}

/** A column as its values are written. */
interface NamedColumn {
  readonly name: string;
  /** Written before a number. */
  readonly before: Ascii;
  /** Written before a text. */
  readonly quoted: Ascii;
  /** Written for a null. */
  readonly nothing: Ascii;
}

/** A column while its rows are written. */
interface OpenColumn {
  readonly named: NamedColumn;
  /** Null where no row has a value. */
  readonly data: StoredColumn | null;
  /** Null for texts. */
  readonly numbers: Numbers | null;
}

function openColumn(named: NamedColumn, { field, data }: WrittenColumn, from: number, to: number, shape: TextShape): OpenColumn {
  if (data === null || data.nullCount === data.length) return { named, data: null, numbers: null };
  return { named, data, numbers: field.type === "text" ? null : numbersOf(data, from, to, shape.endless) };
}

interface WrittenColumn {
  readonly field: ColumnSpec;
  readonly data: StoredColumn | null;
}

function columnOf({ fields, columns }: StoredRows, name: string): WrittenColumn {
  const index = fields.findIndex((field) => field.name === name);
  const field = fields[index];
  if (field === undefined) throw new RangeError(`the rows have no column ${name}`);
  return { field, data: columns[index] ?? null };
}

function textBytes(data: StoredColumn | null, from: number, to: number): number {
  if (data === null || data.valueOffsets.length === 0) return 0;
  const offsets = data.valueOffsets;
  // Each text also takes two quotes and an apostrophe.
  return (offsets[to] ?? 0) - (offsets[from] ?? 0) + 4 * (to - from);
}
