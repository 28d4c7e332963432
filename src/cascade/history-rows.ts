import type { BucketRow } from "./second-bucket.ts";

const NUMBERS_PER_ROW = 4;

/**
 * The number of venues that each format has room for. Stores keep the format with the rows, so older rows are read in
 * their own format: add formats here, but never change one.
 */
const SLOTS_BY_FORMAT: ReadonlyMap<number, number> = new Map([
  [1, 8],
  [2, 256],
]);

/** The format that `packRows` writes. */
export const ROW_FORMAT = 2;
const SLOTS = slotsOf(ROW_FORMAT);

/** Packs rows into four numbers each: event time, USD, received time × slots + exchange index, hash of the id. */
export function packRows(rows: Iterable<BucketRow>): Float64Array {
  const numbers: number[] = [];
  for (const { time, usd, received, exchange, idHash } of rows) numbers.push(time, usd, received * SLOTS + exchange, idHash);
  return Float64Array.from(numbers);
}

/** @param format the format that the rows were written in */
export function* unpackRows(numbers: Float64Array, format: number): Generator<BucketRow> {
  const slots = slotsOf(format);
  for (let at = 0; at + NUMBERS_PER_ROW <= numbers.length; at += NUMBERS_PER_ROW) {
    const [time = 0, usd = Number.NaN, packed = 0, idHash = 0] = numbers.subarray(at, at + NUMBERS_PER_ROW);
    const received = Math.floor(packed / slots);
    yield { time, usd, received, exchange: packed - received * slots, idHash };
  }
}

function slotsOf(format: number): number {
  const slots = SLOTS_BY_FORMAT.get(format);
  if (slots === undefined) {
    throw new RangeError(`history rows have format ${format}; this code reads formats ${[...SLOTS_BY_FORMAT.keys()].join(", ")}`);
  }
  return slots;
}
