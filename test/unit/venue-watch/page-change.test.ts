import { expect, test } from "vitest";
import { MAX_ADDED_LINES, MAX_LINE, pageChange } from "../../../src/venue-watch/page-change.ts";

test("a change names the new lines in the order of the page, also one that is there once more", () => {
  expect(pageChange("a\nb\nc", "new 1\na\nb\nb\nnew 2")).toEqual({ added: ["new 1", "b", "new 2"], added_lines: 3, removed_lines: 1 });
});

test("lines that only moved, and a page that stayed, are no change", () => {
  expect(pageChange("a\nb", "b\na")).toBeNull();
  expect(pageChange("a", "a")).toBeNull();
});

test("what is shown of a change is bounded, and its count is not", () => {
  const change = pageChange("", Array.from({ length: 1_000 }, (_, n) => `${n} ${"😀".repeat(500)}`).join("\n"));
  expect(change?.added).toHaveLength(MAX_ADDED_LINES);
  expect(change?.added_lines).toBe(1_000);
  for (const line of change?.added ?? []) {
    expect(line.length).toBeLessThanOrEqual(MAX_LINE);
    expect(line.isWellFormed()).toBe(true);
  }
});
