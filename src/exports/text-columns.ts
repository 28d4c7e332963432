import type { ColumnSpec } from "../liquidation-fields.ts";
import { type StoredColumn, type StoredRows, int64At, isValid, wordsOf } from "../parquet/stored-rows.ts";
import { csvValue } from "./csv.ts";

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
  readonly #columns: readonly string[];
  readonly #before: readonly Ascii[];
  readonly #end: Ascii;
  readonly #between: Ascii;
  readonly #nothing: Ascii;
  readonly #quote: Ascii;
  /** What a row takes at most, without its texts. */
  readonly #rowBytes: number;
  #buffer = new TextBuffer(0);
  #isBegun = false;

  constructor(shape: TextShape, columns: readonly string[]) {
    this.#shape = shape;
    this.#columns = columns;
    this.#before = columns.map((column, index) => ascii(shape.before(column, index)));
    this.#end = ascii(shape.end);
    this.#between = ascii(shape.between);
    this.#nothing = ascii(shape.nothing);
    this.#quote = ascii(shape.quote);
    const fixed = [...this.#before, this.#end, this.#between].reduce((sum, { length }) => sum + length, 0);
    this.#rowBytes = fixed + columns.length * VALUE_BYTES;
  }

  /**
   * The text of the rows `[from, to)`, which follow those of the calls before. The bytes are overwritten by the next call.
   */
  write(rows: StoredRows, from: number, to: number): Uint8Array {
    const columns = this.#columns.map((name, index) => this.#opened(columnOf(rows, name), this.#before[index] ?? this.#nothing, from, to));
    const textSize = columns.reduce((sum, { data }) => sum + ESCAPED_BYTES * textBytes(data, from, to), 0);
    const buffer = this.#reserve((to - from) * this.#rowBytes + textSize);
    let at = 0;
    for (let row = from; row < to; row++) {
      if (this.#isBegun) at = buffer.put(at, this.#between);
      this.#isBegun = true;
      for (const column of columns) {
        at = buffer.put(at, column.before);
        if (column.data === null || !isValid(column.data, row)) at = buffer.put(at, this.#nothing);
        else if (column.numbers === null) at = this.#putText(buffer, at, column.data, row);
        else at = putNumber(buffer.bytes, at, column, column.numbers);
      }
      at = buffer.put(at, this.#end);
    }
    return buffer.bytes.subarray(0, at);
  }

  #reserve(bytes: number): TextBuffer {
    if (this.#buffer.size < bytes) this.#buffer = new TextBuffer(bytes);
    return this.#buffer;
  }

  #opened({ field, data }: WrittenColumn, before: Ascii, from: number, to: number): OpenColumn {
    const numbers = data === null || field.type === "text" ? null : numberTexts(validNumbers(data, from, to), this.#shape);
    return { before, data, numbers, next: 1 };
  }

  /** Returns where the text ends. */
  #putText(buffer: TextBuffer, start: number, { values, valueOffsets }: StoredColumn, row: number): number {
    const { plain, plainFirst, quote, escaped } = this.#shape;
    const [first, end] = [valueOffsets[row] ?? 0, valueOffsets[row + 1] ?? 0];
    const [from, to] = [values as Uint8Array, buffer.bytes];
    const isBegun = first === end ? quote !== "" : plainFirst[from[first] ?? 0] === 1;
    if (isBegun) {
      let at = buffer.put(start, this.#quote);
      let next = first;
      for (; next < end; next++) {
        const byte = from[next] ?? 0;
        if (plain[byte] === 0) break;
        to[at++] = byte;
      }
      if (next === end) return buffer.put(at, this.#quote);
    }
    return start + encoder.encodeInto(escaped(decoder.decode(from.subarray(first, end))), to.subarray(start)).written;
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

/** A column while its rows are written. */
interface OpenColumn {
  /** Written before each value. */
  readonly before: Ascii;
  readonly data: StoredColumn | null;
  /** The texts of its valid numbers, see `numberTexts`; null for texts. */
  readonly numbers: Uint8Array | null;
  /** Where the next number begins. */
  next: number;
}

/** Copies a column's next number; returns where it ends. */
function putNumber(buffer: Uint8Array, start: number, column: OpenColumn, texts: Uint8Array): number {
  let { next } = column;
  let at = start;
  for (let byte = texts[next++] ?? COMMA; byte !== COMMA; byte = texts[next++] ?? COMMA) buffer[at++] = byte;
  column.next = next;
  return at;
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

const COMMA = 0x2c;

function validNumbers(data: StoredColumn, from: number, to: number): readonly number[] {
  const numbers: number[] = [];
  const isWhole = data.nullCount === 0;
  const { values } = data;
  if (values instanceof BigInt64Array) {
    const words = wordsOf(values);
    for (let row = from; row < to; row++) if (isWhole || isValid(data, row)) numbers.push(int64At(words, row));
  } else if (values instanceof Float64Array) {
    for (let row = from; row < to; row++) if (isWhole || isValid(data, row)) numbers.push(values[row] ?? 0);
  } else {
    const integers = values as Int32Array;
    for (let row = from; row < to; row++) if (isWhole || isValid(data, row)) numbers.push(integers[row] ?? 0);
  }
  return numbers;
}

/**
 * The texts of numbers, each between commas. As an array of JSON the runtime formats them in one go, without a string for
 * each, and spells a finite number as `String` does, and any other as null.
 */
function numberTexts(numbers: readonly number[], { endless }: TextShape): Uint8Array {
  const texts = JSON.stringify(numbers);
  const spelled = texts.includes("null")
    ? `[${numbers.map((value) => (Number.isFinite(value) ? String(value) : endless(value))).join(",")}]`
    : texts;
  const bytes = encoder.encode(spelled);
  bytes[bytes.length - 1] = COMMA;
  return bytes;
}
