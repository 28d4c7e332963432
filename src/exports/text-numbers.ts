import { type StoredColumn, int64At, isValid, wordsOf } from "../parquet/stored-rows.ts";

type Spelling = (value: number) => string;

const encoder = new TextEncoder();

/** The numbers of a column, as they are written. */
export interface Numbers {
  /** Writes the number of a row, each after those before it; returns where it ends. */
  put(bytes: Uint8Array, start: number, row: number): number;
}

/** `endless` spells a number that is not finite. */
export function numbersOf(data: StoredColumn, from: number, to: number, endless: Spelling): Numbers {
  const { values } = data;
  if (values instanceof Float64Array) return new Doubles(data, values, from, to, endless);
  if (!(values instanceof BigInt64Array)) return { put: (bytes, start, row) => putInteger(bytes, start, values[row] ?? 0) };
  const words = wordsOf(values);
  return { put: (bytes, start, row) => putInteger(bytes, start, int64At(words, row)) };
}

const COMMA = 0x2c;

/** The doubles of a column: those of few decimals are written digit by digit, the others are formatted together. */
class Doubles implements Numbers {
  readonly #from: number;
  /** See `decimalOf`. */
  readonly #decimals: Float64Array;
  /** The numbers that have more decimals, see `numberTexts`. */
  readonly #texts: Uint8Array;
  /** Where the next of them begins. */
  #next = 1;

  constructor(data: StoredColumn, values: Float64Array, from: number, to: number, endless: Spelling) {
    const decimals = new Float64Array(to - from);
    const others: number[] = [];
    for (let row = from; row < to; row++) {
      if (!isValid(data, row)) continue;
      const value = values[row] ?? 0;
      const decimal = decimalOf(value);
      decimals[row - from] = decimal;
      if (Number.isNaN(decimal)) others.push(value);
    }
    this.#from = from;
    this.#decimals = decimals;
    this.#texts = numberTexts(others, endless);
  }

  put(bytes: Uint8Array, start: number, row: number): number {
    const decimal = this.#decimals[row - this.#from] ?? 0;
    if (!Number.isNaN(decimal)) return putDecimal(bytes, start, decimal);
    const texts = this.#texts;
    let next = this.#next;
    let at = start;
    for (let byte = texts[next++] ?? COMMA; byte !== COMMA; byte = texts[next++] ?? COMMA) bytes[at++] = byte;
    this.#next = next;
    return at;
  }
}

/**
 * The texts of numbers, each between commas. As an array of JSON the runtime formats them in one go, without a string for
 * each, and spells a finite number as `String` does, and any other as null.
 */
function numberTexts(numbers: readonly number[], endless: Spelling): Uint8Array {
  const texts = JSON.stringify(numbers);
  const spelled = texts.includes("null")
    ? `[${numbers.map((value) => (Number.isFinite(value) ? String(value) : endless(value))).join(",")}]`
    : texts;
  const bytes = encoder.encode(spelled);
  bytes[bytes.length - 1] = COMMA;
  return bytes;
}

const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;
/** The last digits of a safe integer, without which its others fit in 32 bits. */
const LOW_DIGITS = 7;
const LOW = 10 ** LOW_DIGITS;

const DECIMALS = 8;
const SCALE = 10 ** DECIMALS;
/** Any number of 15 digits differs from all others as a double, so it is the shortest that spells its double. */
const MAX_DECIMAL = 1e15;
/** Smaller ones are spelled with an exponent. */
const MIN_DECIMAL = SCALE / 1e6;

/** A number as a multiple of its eighth decimal; NaN where that does not spell it, or `String` would do it otherwise. */
function decimalOf(value: number): number {
  const scaled = Math.round(value * SCALE);
  const size = Math.abs(scaled);
  const isSpelled = scaled / SCALE === value && size < MAX_DECIMAL && (size >= MIN_DECIMAL || size === 0);
  return isSpelled ? scaled : Number.NaN;
}

/** Writes a multiple of the eighth decimal as `String` spells the number; returns where it ends. */
function putDecimal(bytes: Uint8Array, start: number, decimal: number): number {
  if (decimal < 0) bytes[start] = MINUS;
  const size = Math.abs(decimal);
  const whole = Math.floor(size / SCALE);
  const at = putDigits(bytes, decimal < 0 ? start + 1 : start, whole, digitsOf(whole));
  let left = (size - whole * SCALE) | 0;
  if (left === 0) return at;
  bytes[at] = POINT;
  let digits = DECIMALS;
  for (; left % 10 === 0; left = (left / 10) | 0) digits -= 1;
  return putDigits(bytes, at + 1, left, digits);
}

/** Writes an integer as `String` spells it; returns where it ends. */
function putInteger(bytes: Uint8Array, start: number, value: number): number {
  if (!Number.isSafeInteger(value)) return putString(bytes, start, String(value));
  if (value < 0) bytes[start] = MINUS;
  const at = value < 0 ? start + 1 : start;
  const size = Math.abs(value);
  if (size < LOW) return putDigits(bytes, at, size, digitsOf(size));
  const high = Math.floor(size / LOW);
  return putDigits(bytes, putDigits(bytes, at, high, digitsOf(high)), size - high * LOW, LOW_DIGITS);
}

function digitsOf(value: number): number {
  const size = value | 0;
  let digits = 1;
  for (let limit = 10; size >= limit; limit *= 10) digits++;
  return digits;
}

/** The last digits of an integer of at most 31 bits, with zeros before it. */
function putDigits(bytes: Uint8Array, start: number, value: number, digits: number): number {
  let left = value | 0;
  for (let at = start + digits - 1; at >= start; at--) {
    const rest = (left / 10) | 0;
    bytes[at] = ZERO + left - 10 * rest;
    left = rest;
  }
  return start + digits;
}

export function putString(bytes: Uint8Array, start: number, text: string): number {
  return start + encoder.encodeInto(text, bytes.subarray(start)).written;
}
