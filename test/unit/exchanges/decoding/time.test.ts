import { expect, test } from "vitest";
import { readTime } from "../../../../src/exchanges/decoding/time.ts";

test.each<[string, unknown, number | null]>([
  ["milliseconds", 1_795_000_000_123, 1_795_000_000_123],
  ["milliseconds as a text", "1795000000123", 1_795_000_000_123],
  ["fractions of a millisecond", 1_795_000_000_123.75, 1_795_000_000_123],
  ["seconds", 1_795_000_000, 1_795_000_000_000],
  ["seconds with a fraction", 1_795_000_000.123, 1_795_000_000_123],
  ["microseconds", 1_795_000_000_123_456, 1_795_000_000_123],
  ["nanoseconds", "1795000000123456789", 1_795_000_000_123],
  ["zero", 0, null],
  ["a negative time", -1_795_000_000_123, null],
  ["a count of minutes", 29_916_666, null],
  ["a time between two units", 1e14, null],
  ["a year far ahead", 8.64e15, null],
  ["an empty text", "", null],
  ["no number", {}, null],
])("%s", (_, given, expected) => {
  expect(readTime(given)).toBe(expected);
});
