import { expect, test } from "vitest";
import { shareText, signedUsd } from "../../../dashboard/src/parts/format.ts";

test.each([
  [0, "0%"],
  [0.0000004, "<0.1%"],
  [0.0009, "<0.1%"],
  [0.001, "0.1%"],
  [0.0096, "1.0%"],
  [0.34, "34%"],
  [0.994, "99.4%"],
  [0.9991, ">99.9%"],
  [0.9999999, ">99.9%"],
  [1, "100%"],
])("a share of %d reads %s: neither a part nor what lacks is rounded away, or made larger than it is", (share, text) => {
  expect(shareText(share)).toBe(text);
});

test("a change names its direction by its sign", () => {
  expect([1_070, -8_600_000, 0].map(signedUsd)).toEqual(["+$1.07k", "−$8.60M", "$0"]);
});
