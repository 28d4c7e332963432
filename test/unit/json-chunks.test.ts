import { expect, test } from "vitest";
import { jsonChunks } from "../../workers/d1/json-chunks.ts";

const D1_VALUE_BYTES = 2_000_000;

test("every item is in one chunk, in order, and every chunk fits a D1 value in any alphabet", () => {
  const items = Array.from({ length: 5_000 }, (_, n) => `${n}${"牛".repeat(400)}`);
  const chunks = jsonChunks(items, (item) => JSON.stringify(item));
  expect(chunks.length).toBeGreaterThan(1);
  expect(chunks.flatMap((chunk) => chunk.items)).toEqual(items);
  for (const chunk of chunks) {
    expect(JSON.parse(chunk.json)).toEqual(chunk.items);
    expect(new TextEncoder().encode(chunk.json).byteLength).toBeLessThan(D1_VALUE_BYTES);
  }
});

test("nothing makes no chunk, and an item larger than a chunk is one of its own", () => {
  expect(jsonChunks([], String)).toEqual([]);
  expect(jsonChunks([1, 2], () => '"'.padEnd(700_000, "x").concat('"')).map((chunk) => chunk.items)).toEqual([[1], [2]]);
});
