import { describe, expect, test } from "vitest";
import { readNumber, readPositive } from "../../../../src/exchanges/decoding/number.ts";

describe("a venue's numbers", () => {
  test.each([
    ["84551.10762319", 84551.10762319],
    ["0", 0],
    ["0.000", 0],
    ["-0.0001", -0.0001],
    [".5", 0.5],
    ["1e-7", 1e-7],
    ["0e0", 0],
    [12, 12],
  ])("%j reads as %d", (value, expected) => {
    expect(readNumber(value)).toBe(expected);
  });

  test.each(["", " ", "\t", "NaN", "Infinity", "-Infinity", "1e999", "0x10", "0b1", "1,5", "12 coins", "-", "."])(
    "%j is no number",
    (value) => {
      expect(readNumber(value)).toBeNull();
    },
  );

  test.each([[null], [undefined], [true], [[]], [["1"]], [{}], [Number.NaN], [Number.POSITIVE_INFINITY]])(
    "%j is no number either",
    (value) => {
      expect(readNumber(value)).toBeNull();
    },
  );

  test("a price of zero or below is none", () => {
    expect(readPositive("0")).toBeNull();
    expect(readPositive("-1")).toBeNull();
    expect(readPositive("0.1")).toBe(0.1);
  });
});
