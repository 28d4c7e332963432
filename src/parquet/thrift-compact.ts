/**
 * The compact protocol of Thrift, the encoding of a Parquet footer: as much of it as is needed to read a structure,
 * change parts of it and write it again. Unknown fields are preserved.
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */

const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const STRUCT = 12;

export interface ThriftList {
  readonly type: number;
  readonly items: readonly ThriftValue[];
}
/** Values by field number; integers of any width are bigint. */
export type ThriftStruct = ReadonlyMap<number, ThriftField>;
export type ThriftValue = boolean | bigint | Uint8Array | ThriftList | ThriftStruct;
export interface ThriftField {
  readonly type: number;
  readonly value: ThriftValue;
}

export const I64 = 6;

/** @throws {RangeError} where the bytes end early or hold an unknown type */
export function readThrift(bytes: Uint8Array): ThriftStruct {
  return new Reader(bytes).struct();
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  struct(): ThriftStruct {
    const fields = new Map<number, ThriftField>();
    let id = 0;
    for (let head = this.#byte(); head !== 0; head = this.#byte()) {
      const type = head & 15;
      id = head >> 4 === 0 ? Number(this.#zigzag()) : id + (head >> 4);
      // A boolean is part of the field's type.
      fields.set(id, type === TRUE || type === FALSE ? { type: TRUE, value: type === TRUE } : { type, value: this.#value(type) });
    }
    return fields;
  }

  #value(type: number): ThriftValue {
    switch (type) {
      case TRUE:
      case FALSE:
        return this.#byte() === TRUE;
      case BYTE:
        return BigInt(this.#byte());
      case 4:
      case 5:
      case I64:
        return this.#zigzag();
      case DOUBLE:
        return this.#take(8);
      case BINARY:
        return this.#take(Number(this.#varint()));
      case LIST:
      case SET:
        return this.#list();
      case STRUCT:
        return this.struct();
      default:
        throw new RangeError(`the footer holds a value of the unknown type ${type}`);
    }
  }

  #list(): ThriftList {
    const head = this.#byte();
    const type = head & 15;
    const length = head >> 4 === 15 ? Number(this.#varint()) : head >> 4;
    return { type, items: Array.from({ length }, () => this.#value(type)) };
  }

  #zigzag(): bigint {
    const value = this.#varint();
    return (value >> 1n) ^ -(value & 1n);
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new RangeError("the footer ends early");
    this.#at += 1;
    return byte;
  }

  #take(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw new RangeError("the footer ends early");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

export function writeThrift(struct: ThriftStruct): Uint8Array {
  const bytes: number[] = [];
  writeStruct(struct, bytes);
  return Uint8Array.from(bytes);
}

function writeStruct(struct: ThriftStruct, bytes: number[]): void {
  let last = 0;
  for (const [id, { type, value }] of [...struct].toSorted(([a], [b]) => a - b)) {
    const shown = type === TRUE && value === false ? FALSE : type;
    const step = id - last;
    last = id;
    if (step > 0 && step <= 15) bytes.push((step << 4) | shown);
    else {
      bytes.push(shown);
      writeZigzag(BigInt(id), bytes);
    }
    if (type !== TRUE) writeValue(type, value, bytes);
  }
  bytes.push(0);
}

function writeValue(type: number, value: ThriftValue, bytes: number[]): void {
  if (typeof value === "boolean") bytes.push(value ? TRUE : FALSE);
  else if (typeof value === "bigint") {
    if (type === BYTE) bytes.push(Number(value));
    else writeZigzag(value, bytes);
  } else if (value instanceof Uint8Array) {
    if (type === BINARY) writeVarint(BigInt(value.length), bytes);
    for (const byte of value) bytes.push(byte);
  } else if ("items" in value) {
    const { length } = value.items;
    bytes.push((Math.min(length, 15) << 4) | value.type);
    if (length >= 15) writeVarint(BigInt(length), bytes);
    for (const item of value.items) writeValue(value.type, item, bytes);
  } else writeStruct(value, bytes);
}

function writeZigzag(value: bigint, bytes: number[]): void {
  writeVarint(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)), bytes);
}

function writeVarint(value: bigint, bytes: number[]): void {
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
}
