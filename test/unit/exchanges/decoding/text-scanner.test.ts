import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { scanLevels } from "../../../../src/exchanges/decoding/book-levels.ts";
import { TextScanner } from "../../../../src/exchanges/decoding/text-scanner.ts";

function scannerOf(text: string): TextScanner {
  const scanner = new TextScanner();
  scanner.begin(text);
  return scanner;
}

/** What a text is as JSON; NaN where it is no number of JSON. */
function asJson(text: string): number {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "number" && text.trim() === text ? value : Number.NaN;
  } catch {
    return Number.NaN;
  }
}

function wholeNumber(text: string): number {
  const scanner = scannerOf(text);
  const value = scanner.number();
  return scanner.isAtEnd() ? value : Number.NaN;
}

const digits = (maxLength: number) => fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength });
const spelled = fc
  .tuple(fc.constantFrom("", "-"), digits(18), fc.constantFrom("", "."), digits(18), fc.constantFrom("", "e5", "E-07", "e+300", "e", "e-"))
  .map((parts) => parts.join(""));

describe("a number", () => {
  test("has the value that the parser gives its text, whatever its length, and is none where the parser takes none", () => {
    fc.assert(
      fc.property(spelled, (text) => {
        expect(wholeNumber(text)).toBe(asJson(text));
      }),
      { numRuns: 3000, seed: 5 },
    );
  });

  test.each([
    "0.1",
    "123456789.123456",
    "999999999.999999",
    "1234567890.5",
    "0.30000000000000004",
    "4503599627370497.5",
    "1790150400000",
    "-0",
    "1e400",
  ])("%s is read exactly", (text) => {
    expect(wholeNumber(text)).toBe(JSON.parse(text));
  });
});

describe("a number or null", () => {
  test("is infinite where the parser takes it for null, and else as the parser has it", () => {
    fc.assert(
      fc.property(fc.oneof(spelled, fc.constantFrom("null", "nul", "")), (text) => {
        const scanner = scannerOf(text);
        const value = scanner.numberOrInfinity();
        expect(scanner.isAtEnd() ? value : Number.NaN).toBe(text === "null" ? Number.POSITIVE_INFINITY : asJson(text));
      }),
      { numRuns: 3000, seed: 7 },
    );
  });
});

describe("a value that nobody needs", () => {
  test("is passed over where the parser takes it for a number or null, and only there", () => {
    fc.assert(
      fc.property(fc.oneof(spelled, fc.constantFrom("null", "nul", "")), (text) => {
        const scanner = scannerOf(text);
        expect(scanner.skipNumberOrNull() && scanner.isAtEnd()).toBe(text === "null" || !Number.isNaN(asJson(text)));
      }),
      { numRuns: 3000, seed: 6 },
    );
  });
});

describe("a side of a book", () => {
  test.each([
    ["[]", []],
    [
      '[["80000.10","0"],["1e-7","2.5"]]',
      [
        [80_000.1, 0],
        [1e-7, 2.5],
      ],
    ],
    ['[["5.148","60","0","1"]]', [[5.148, 60]]],
  ])("%s has its levels as numbers", (text, levels) => {
    const scanner = scannerOf(text);
    expect(scanLevels(scanner)).toEqual(levels);
    expect(scanner.isAtEnd()).toBe(true);
  });

  test.each([
    "",
    "[",
    "[[]]",
    '[["1"]]',
    '[["1","x"]]',
    '[["1",""]]',
    "[[1,2]]",
    '[["1","2"]',
    '[["1","2"],]',
    '[["1","2","a"]]',
    '[["1","2"]["3","4"]]',
  ])("%s is left to the parser", (text) => {
    expect(scanLevels(scannerOf(text))).toBeNull();
  });
});
