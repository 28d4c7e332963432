import { expect, test } from "vitest";
import { csvValue } from "../../../src/exports/csv.ts";

test.each([
  [null, ""],
  ["", '""'],
  [0, "0"],
  [-12.5, "-12.5"],
  [1e21, "1e+21"],
  ["BTCUSDT", "BTCUSDT"],
  ["a,b", '"a,b"'],
  ['say "x"', '"say ""x"""'],
  ["two\nlines", '"two\nlines"'],
  ["=1+1", "'=1+1"],
  ["+1", "'+1"],
  ["-1", "'-1"],
  ["@x", "'@x"],
  ["\tx", "'\tx"],
  ["\rx", '"\'\rx"'],
  ["＝1", "'＝1"],
  ["a=1", "a=1"],
  ["tBTCF0:USTF0", "tBTCF0:USTF0"],
])("%j is written as %j", (value, written) => {
  expect(csvValue(value)).toBe(written);
});
