import { expect, test } from "vitest";
import { IdIndex, hashOf } from "../../../durable-objects/exchange-feed/journal/id-index.ts";

const idOf = (sequence: number) => `bybit:BTCUSDT:${1_795_251_903_412 + sequence}:Buy:0.5:83512.5`;

test("names the row of every id, however many there are, and no row of most others", () => {
  const index = new IdIndex();
  for (let sequence = 1; sequence <= 50_000; sequence += 1) index.add(hashOf(idOf(sequence)), sequence, 1);
  const numbers = Array.from({ length: 50_000 }, (_, number) => number + 1);
  expect(numbers.filter((sequence) => ![...index.rowsOf(hashOf(idOf(sequence)), 1)].includes(sequence))).toEqual([]);
  const others = Array.from({ length: 10_000 }, (_, number) => [...index.rowsOf(hashOf(idOf(60_000 + number)), 1)].length);
  expect(others.reduce((sum, found) => sum + found, 0)).toBeLessThan(5);
});

test("names all rows whose ids have the same hash", () => {
  const index = new IdIndex();
  for (const sequence of [3, 5, 9]) index.add(7, sequence, 1);
  expect([...index.rowsOf(7, 1)]).toEqual([3, 5, 9]);
  expect([...index.rowsOf(7, 5)], "without deleted rows").toEqual([5, 9]);
  expect([...index.rowsOf(8, 1)]).toEqual([]);
});

test("goes on where rows are deleted as fast as they come, and where their numbers exceed 32 bits", () => {
  const index = new IdIndex();
  const start = 0xffff_ffff - 5_000;
  for (let number = 0; number < 20_000; number += 1) {
    const sequence = start + number;
    const first = Math.max(start, sequence - 500);
    index.add(hashOf(idOf(sequence)), sequence, first);
    if (number % 100 > 0) continue;
    expect([...index.rowsOf(hashOf(idOf(first)), first)]).toEqual([first]);
    expect([...index.rowsOf(hashOf(idOf(first - 1)), first)]).toEqual([]);
  }
});
