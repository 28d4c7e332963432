import * as fc from "fast-check";
import { expect, test } from "vitest";
import { recordParts } from "../../../src/pipeline/record-parts.ts";

const bytes = (records: unknown): number => Buffer.byteLength(JSON.stringify(records));
const record = fc.record({
  event_id: fc.string({ unit: "binary", maxLength: 30 }).map((text) => text.toWellFormed()),
  price: fc.double({ noNaN: true, noDefaultInfinity: true }),
});

test("parts keep the records in order, none is above the limit, and none could have taken the next record too", () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 60 }), fc.integer({ min: 300, max: 2_000 }), (records, most) => {
      const parts = recordParts(records, most);
      expect(parts.flat()).toEqual(records);
      for (const [index, part] of parts.entries()) {
        expect(bytes(part)).toBeLessThanOrEqual(most);
        const next = parts[index + 1]?.[0];
        if (next !== undefined) expect(bytes([...part, next]) + 1).toBeGreaterThan(most);
      }
    }),
  );
});

test("no records make no part, and one above the limit is a part of its own", () => {
  expect(recordParts([], 10)).toEqual([]);
  const [a, b] = [{ event_id: "a".repeat(50) }, { event_id: "b" }];
  expect(recordParts([b, a, b, b], 60)).toEqual([[b], [a], [b, b]]);
});
